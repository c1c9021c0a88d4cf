// The pod network on each node.
export { networkProblem, removeOverlay } from './host-network.js';
export { otherOwner } from './network-owner.js';
export { Overlay, type OverlayOptions } from './overlay.js';
