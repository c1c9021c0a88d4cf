// Logs of a container: current or previous, followed, cut at either end.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go (validateContainerLogStatus)
import { badRequest, type ContainerStatus, fromTime, notFound, type PodStatus } from '@steersman/api';
import type { nodeV1 } from '@steersman/rpc';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { PodManager } from '../pods/pod-manager.js';

export interface LogsCall {
  readonly request: nodeV1.LogsRequest;
  readonly signal: AbortSignal;
}

const idIn = (status: string | undefined): string | undefined => status?.replace(/^.*:\/\//, '') || undefined;

function containerIdOf(status: ContainerStatus | undefined, { pod, container, previous }: nodeV1.LogsRequest): string {
  if (!status) throw badRequest(`container "${container}" in pod "${pod}" is not available`);
  const { state, lastState } = status;
  if (previous) {
    const id = idIn(lastState?.terminated?.containerID);
    if (!id) throw badRequest(`previous terminated container "${container}" in pod "${pod}" not found`);
    return id;
  }
  if (state?.running) return idIn(status.containerID) ?? '';
  if (state?.terminated) {
    const id = idIn(state.terminated.containerID) ?? idIn(lastState?.terminated?.containerID);
    if (!id) throw badRequest(`container "${container}" in pod "${pod}" is terminated`);
    return id;
  }
  const before = idIn(lastState?.terminated?.containerID);
  if (before) return before;
  const reason = state?.waiting?.reason;
  if (reason === 'ErrImagePull') throw badRequest(`container "${container}" in pod "${pod}" is waiting to start: image can't be pulled`);
  if (reason === 'ImagePullBackOff')
    throw badRequest(`container "${container}" in pod "${pod}" is waiting to start: trying and failing to pull image`);
  throw badRequest(`container "${container}" in pod "${pod}" is waiting to start: ${reason ?? 'ContainerCreating'}`);
}

const statusOf = (
  { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] }: PodStatus,
  name: string,
): ContainerStatus | undefined =>
  [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find((status) => status.name === name);

export async function* serveLogs(context: KubeletContext, pods: PodManager, { request, signal }: LogsCall): AsyncIterable<Uint8Array> {
  const pod = pods.find(request.namespace, request.pod);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, request.pod);
  const status = context.statuses.get(pod.metadata.uid ?? '') ?? pod.status;
  const container = request.container || pod.spec.containers[0]?.name || '';
  const id = containerIdOf(statusOf(status, container), { ...request, container });
  const since = request.sinceTime
    ? fromTime(request.sinceTime)
    : request.sinceSeconds === undefined
      ? undefined
      : context.clock.now() - request.sinceSeconds * 1000;
  let left = request.limitBytes ?? Number.POSITIVE_INFINITY;
  const wanted = request.stream === 'Stdout' ? 'stdout' : request.stream === 'Stderr' ? 'stderr' : undefined;
  const options = {
    follow: request.follow,
    ...(since !== undefined && { sinceMs: since }),
    ...(request.tailLines !== undefined && { tailLines: request.tailLines }),
  };
  for await (const { time, stream, text } of context.runtime.logs(id, options, signal)) {
    if (wanted && stream !== wanted) continue;
    const whole = request.timestamps ? Buffer.concat([Buffer.from(`${time} `), text]) : text;
    if (whole.length >= left) {
      yield whole.subarray(0, left);
      return;
    }
    left -= whole.length;
    yield whole;
  }
}
