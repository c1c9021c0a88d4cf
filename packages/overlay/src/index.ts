// The pod network on each node.
export { networkProblem, Overlay, type OverlayOptions, removeOverlay } from './overlay.js';
