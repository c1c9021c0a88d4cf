// One command, one cluster: what the steersman command is made of.
export { type ClusterOptions, checkedOptions } from './up/cluster-options.js';
export { up } from './up/up.js';
