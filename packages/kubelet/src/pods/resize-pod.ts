// In-place resize: new requests and limits are given to running containers.
// Mirrors https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
import { linuxResources } from '../containers/resources.js';
import { canonicalResources } from '../status/container-statuses.js';
import type { ResizeCondition } from './allocation.js';
import type { KubeletContext } from './kubelet-context.js';
import type { NodePod } from './pod.js';
import { latest, type RuntimePod } from './runtime-pod.js';

/** Applies a resize that fits; gives back the condition that tells of one that does not. */
export async function resizePod(context: KubeletContext, pod: NodePod, runtimePod: RuntimePod): Promise<readonly ResizeCondition[]> {
  const { changed, condition } = context.allocations.resize(pod);
  if (condition) return [condition];
  if (changed.length === 0) return [];
  for (const container of changed) {
    const status = latest(runtimePod, container.name);
    if (status?.state === 'running')
      await context.runtime.updateContainerResources(status.id, linuxResources(pod, container.resources, context.node.memoryBytes));
  }
  const containers = pod.spec.containers.map(({ name, resources }) => ({ name, resources: canonicalResources(resources) }));
  context.recorder.normal(pod, 'ResizeCompleted', `Pod resize completed: ${JSON.stringify({ containers })}`);
  return [];
}
