// Runs pods on a node, on Docker or hollow.
export { type CleanUpOptions, cleanUp } from './clean-up.js';
export { Kubelet, type KubeletOptions, kubeletVersion } from './kubelet.js';
export { type HollowMachineOptions, hollowMachine } from './node/hollow-machine.js';
export { hostAddresses, type Machine, readMachine } from './node/machine.js';
export type { ContainerRuntime } from './runtime/container-runtime.js';
export { DockerRuntime, type DockerRuntimeOptions, dockerAnswers } from './runtime/docker/docker-runtime.js';
export { HollowRuntime } from './runtime/hollow/hollow-runtime.js';
