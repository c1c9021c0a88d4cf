// What the runtime has of one pod: its sandboxes and containers, newest first.
import type { ContainerRuntime, ContainerStatus, PodSandboxStatus } from '../runtime/container-runtime.js';
import { podUidLabel } from '../runtime/labels.js';

export interface RuntimePod {
  readonly uid: string;
  readonly sandboxes: readonly PodSandboxStatus[];
  readonly containers: readonly ContainerStatus[];
}

export const emptyRuntimePod = (uid: string): RuntimePod => ({ uid, sandboxes: [], containers: [] });

export async function readRuntimePod(runtime: ContainerRuntime, uid: string): Promise<RuntimePod> {
  const labels = { [podUidLabel]: uid };
  const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes({ labels }), runtime.listContainers({ labels })]);
  return sortedRuntimePod(uid, sandboxes, containers);
}

export const sortedRuntimePod = (uid: string, sandboxes: readonly PodSandboxStatus[], containers: readonly ContainerStatus[]): RuntimePod => ({
  uid,
  sandboxes: [...sandboxes].sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt),
  containers: [...containers].sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt),
});

/** The newest container of the name. */
export const latest = (pod: RuntimePod, name: string): ContainerStatus | undefined => pod.containers.find((container) => container.name === name);

export const readySandbox = (pod: RuntimePod): PodSandboxStatus | undefined => pod.sandboxes.find(({ state }) => state === 'ready');

export const running = (pod: RuntimePod): readonly ContainerStatus[] => pod.containers.filter(({ state }) => state === 'running');

/** The addresses of the newest sandbox, whether it still runs or not. */
export const addressesOf = (pod: RuntimePod): readonly string[] => pod.sandboxes[0]?.ips ?? [];
