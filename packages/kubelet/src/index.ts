// Runs pods on a node, on Docker (./docker.js) or hollow.
export { Kubelet, type KubeletOptions, kubeletVersion } from './kubelet.js';
export { type HollowMachineOptions, hollowMachine } from './node/hollow-machine.js';
export { hostAddresses, type Machine, readMachine } from './node/machine.js';
export type { ContainerRuntime } from './runtime/container-runtime.js';
export { dockerAnswers } from './runtime/docker/docker-ping.js';
export { HollowRuntime } from './runtime/hollow/hollow-runtime.js';
