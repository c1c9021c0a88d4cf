// What needs the Docker client: the runtime that pods run on, and how its leftovers are removed.
export { type CleanUpOptions, cleanUp } from './clean-up.js';
export { DockerRuntime, type DockerRuntimeOptions } from './runtime/docker/docker-runtime.js';
