// The scheduling framework and its plugins.
export { type CycleState, Framework, type Plugin } from './framework/framework.js';
export { Scheduler, type SchedulerOptions } from './scheduler.js';
