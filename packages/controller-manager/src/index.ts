// Every controller of the cluster, on one runtime.
export { ControllerManager, type ControllerManagerOptions } from './controller-manager.js';
export { type Controller, done, type ReconcileContext, type Result, TerminalError } from './runtime/controller.js';
