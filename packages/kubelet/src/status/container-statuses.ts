// The statuses of a pod's containers in the API, from what the runtime has, what was said before and why the last start failed.
// Mirrors convertToAPIContainerStatuses of https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go
import { type ContainerStatus as ApiStatus, type ContainerState, canonicalQuantity, type ResourceRequirements, toTime } from '@steersman/api';
import { type AnyContainer, type ContainerKind, type NodePod, uidOf } from '../pods/pod.js';
import { shouldStart } from '../pods/restart-policy.js';
import { latest, type RuntimePod } from '../pods/runtime-pod.js';
import type { ContainerStatus } from '../runtime/container-runtime.js';

/** Why a container is not running although it should be. */
export interface WaitingReason {
  readonly reason: string;
  readonly message: string;
}

export interface StatusSources {
  readonly runtimeName: string;
  readonly runtimePod: RuntimePod;
  readonly previous: readonly ApiStatus[];
  /** Reason of the last failed start, by container. */
  waitingReason(podUid: string, container: string): WaitingReason | undefined;
  /** What the node has given to a container. */
  allocated(podUid: string, container: AnyContainer): ResourceRequirements | undefined;
}

const unknownMessage = 'The container could not be located when the pod was terminated';

function stateOf(status: ContainerStatus, previous: ApiStatus | undefined, runtimeName: string): ContainerState {
  switch (status.state) {
    case 'running':
      return { running: { startedAt: toTime(status.startedAt) } };
    case 'created':
      return { waiting: {} };
    case 'exited':
      return {
        terminated: {
          exitCode: status.exitCode,
          ...(status.reason && { reason: status.reason }),
          ...(status.message && { message: status.message }),
          startedAt: toTime(status.startedAt || status.createdAt),
          finishedAt: toTime(status.finishedAt),
          containerID: `${runtimeName}://${status.id}`,
        },
      };
    case 'unknown':
      if (previous?.state?.running) return { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message: unknownMessage } };
      return { waiting: {} };
  }
}

/** Requests and limits in canonical form, without claims. */
export function canonicalResources(resources: ResourceRequirements | undefined): ResourceRequirements {
  const canonical = (list: { [key: string]: string }): { [key: string]: string } =>
    Object.fromEntries(Object.entries(list).map(([key, value]) => [key, canonicalQuantity(value)]));
  return {
    ...(resources?.limits && Object.keys(resources.limits).length > 0 && { limits: canonical(resources.limits) }),
    ...(resources?.requests && Object.keys(resources.requests).length > 0 && { requests: canonical(resources.requests) }),
  };
}

function convert(
  pod: NodePod,
  container: AnyContainer,
  status: ContainerStatus,
  { sources, previous }: { sources: StatusSources; previous: ApiStatus | undefined },
): ApiStatus {
  const state = stateOf(status, previous, sources.runtimeName);
  const resources = canonicalResources(sources.allocated(uidOf(pod), container));
  const volumeMounts = mountStatuses(container);
  return {
    name: status.name,
    state,
    lastState: {},
    ready: false,
    restartCount: status.attempt + (status.state === 'unknown' && state.terminated ? 1 : 0),
    image: status.image,
    imageID: status.imageId,
    containerID: `${sources.runtimeName}://${status.id}`,
    ...(resources.requests && { allocatedResources: resources.requests }),
    resources,
    ...(volumeMounts.length > 0 && { volumeMounts }),
  };
}

const mountStatuses = (container: AnyContainer): NonNullable<ApiStatus['volumeMounts']> =>
  (container.volumeMounts ?? []).map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
    name,
    mountPath,
    ...(readOnly && { readOnly, recursiveReadOnly: recursiveReadOnly === 'Enabled' || recursiveReadOnly === 'IfPossible' ? 'Disabled' : 'Disabled' }),
  }));

const waitingState = (pod: NodePod, kind: ContainerKind): ContainerState => ({
  waiting: { reason: kind !== 'ephemeral' && (pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating' },
});

/** A container that the runtime knows nothing of: as it was said to have ended, else waiting. */
function absent(pod: NodePod, container: AnyContainer, { kind, previous }: { kind: ContainerKind; previous: ApiStatus | undefined }): ApiStatus {
  if (previous?.state?.terminated) return previous;
  const volumeMounts = mountStatuses(container);
  const base: ApiStatus = {
    name: container.name,
    state: waitingState(pod, kind),
    lastState: previous?.lastState ?? {},
    ready: false,
    restartCount: previous?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    ...(volumeMounts.length > 0 && { volumeMounts }),
  };
  if (!previous?.state?.running) return base;
  // It ran, and has vanished from the runtime.
  const lost = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message: `${unknownMessage}.  The container used to be Running` } };
  if (pod.metadata.deletionTimestamp) return { ...base, state: lost };
  return { ...base, lastState: lost, restartCount: previous.restartCount + 1 };
}

export function containerStatuses(pod: NodePod, containers: readonly AnyContainer[], kind: ContainerKind, sources: StatusSources): ApiStatus[] {
  const result = containers.map((container) => {
    const previous = sources.previous.find(({ name }) => name === container.name);
    const [newest, before] = sources.runtimePod.containers.filter(({ name }) => name === container.name);
    let status = newest ? convert(pod, container, newest, { sources, previous }) : absent(pod, container, { kind, previous });
    if (before && newest) status = { ...status, lastState: stateOf(before, undefined, sources.runtimeName) };
    return withWaitingReason(pod, container, { kind, status, sources });
  });
  return kind === 'init' ? result : result.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** A container that is to be started again but could not be is waiting, for the reason of that failure. */
function withWaitingReason(
  pod: NodePod,
  container: AnyContainer,
  { kind, status, sources }: { kind: ContainerKind; status: ApiStatus; sources: StatusSources },
): ApiStatus {
  const current = latest(sources.runtimePod, container.name);
  if (kind === 'init' && current?.state === 'exited' && current.exitCode === 0 && container.restartPolicy !== 'Always') return status;
  if (kind === 'ephemeral' ? current !== undefined : !shouldStart(pod, container, sources.runtimePod)) return status;
  const waiting = sources.waitingReason(uidOf(pod), container.name);
  if (!waiting) return status;
  return {
    ...status,
    ...(status.state?.terminated && { lastState: status.state }),
    state: { waiting: { reason: waiting.reason, ...(waiting.message && { message: waiting.message }) } },
  };
}
