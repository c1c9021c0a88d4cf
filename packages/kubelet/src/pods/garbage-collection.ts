// Removes dead containers and sandboxes: of a living pod all but the newest dead one per container, of a gone pod everything.
import type { KubeletContext } from './kubelet-context.js';
import { type RuntimePod, readRuntimePod } from './runtime-pod.js';

/** The newest dead container of each name is kept, for its last state and for `logs --previous`. Gives back what is left. */
export async function garbageCollectPod({ runtime }: KubeletContext, runtimePod: RuntimePod): Promise<RuntimePod> {
  const kept = new Set<string>();
  const removed = new Set<string>();
  for (const { id, name, state } of runtimePod.containers) {
    if (state !== 'exited') continue;
    if (kept.has(name)) {
      await runtime.removeContainer(id);
      removed.add(id);
    }
    kept.add(name);
  }
  const containers = runtimePod.containers.filter(({ id }) => !removed.has(id));
  const used = new Set(containers.map(({ sandboxId }) => sandboxId));
  for (const [index, { id, state }] of runtimePod.sandboxes.entries()) {
    if (index === 0 || state === 'ready' || used.has(id)) continue;
    await runtime.removePodSandbox(id);
    removed.add(id);
  }
  return { ...runtimePod, containers, sandboxes: runtimePod.sandboxes.filter(({ id }) => !removed.has(id)) };
}

/** Removes all that the runtime still has of a pod. */
export async function removePod({ runtime, network }: KubeletContext, uid: string): Promise<void> {
  const { containers, sandboxes } = await readRuntimePod(runtime, uid);
  for (const { id, hostNetwork, state } of sandboxes) {
    if (network && !hostNetwork) await network.detach({ sandboxId: id });
    if (state === 'ready') await runtime.stopPodSandbox(id);
  }
  for (const { id } of containers) await runtime.removeContainer(id);
  for (const { id } of sandboxes) await runtime.removePodSandbox(id);
}
