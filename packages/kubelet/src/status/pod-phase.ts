// The phase of a pod, from the states of its containers.
// Mirrors getPhase of https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go
import { type ContainerStatus, isSidecar } from '@steersman/api';
import type { NodePod } from '../pods/pod.js';

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

interface Counts {
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
  pendingInit: number;
  failedInit: number;
}

const find = (statuses: readonly ContainerStatus[], name: string): ContainerStatus | undefined => statuses.find((status) => status.name === name);

function countInit(pod: NodePod, statuses: readonly ContainerStatus[], counts: Counts): void {
  const hasStarted = pod.spec.containers.some(({ name }) => {
    const status = find(statuses, name);
    return status?.started || status?.state?.running || status?.state?.terminated || status?.lastState?.terminated;
  });
  for (const container of pod.spec.initContainers ?? []) {
    const status = find(statuses, container.name);
    const { state, lastState } = status ?? {};
    if (isSidecar(container)) {
      if (state?.running) counts.running++;
      if (!hasStarted && !(state?.running && status?.started) && !state?.terminated) counts.pendingInit++;
    } else if (state?.terminated) {
      if (state.terminated.exitCode !== 0) counts.failedInit++;
    } else if (state?.waiting && lastState?.terminated) {
      if (lastState.terminated.exitCode !== 0) counts.failedInit++;
    } else counts.pendingInit++;
  }
}

function countRegular(pod: NodePod, statuses: readonly ContainerStatus[], counts: Counts): void {
  for (const { name } of pod.spec.containers) {
    const { state, lastState } = find(statuses, name) ?? {};
    if (state?.running) counts.running++;
    else if (state?.terminated) {
      counts.stopped++;
      if (state.terminated.exitCode === 0) counts.succeeded++;
    } else if (state?.waiting) {
      if (lastState?.terminated) counts.stopped++;
      else counts.waiting++;
    } else counts.unknown++;
  }
}

/** `isTerminal`: all has been ended for good, nothing will start again. */
export function podPhase(pod: NodePod, statuses: readonly ContainerStatus[], isTerminal: boolean): PodPhase {
  const counts: Counts = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0, pendingInit: 0, failedInit: 0 };
  countInit(pod, statuses, counts);
  countRegular(pod, statuses, counts);
  const { restartPolicy } = pod.spec;
  if (counts.failedInit > 0 && restartPolicy === 'Never') return 'Failed';
  if (counts.pendingInit > 0 || counts.failedInit > 0) return isTerminal && counts.stopped > 0 && counts.waiting === 0 ? 'Failed' : 'Pending';
  if (counts.waiting > 0) return 'Pending';
  if (counts.running > 0 && counts.unknown === 0) return 'Running';
  if (counts.running > 0 || counts.stopped === 0 || counts.unknown > 0) return 'Pending';
  const over = counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
  if (isTerminal) return over;
  if (restartPolicy === 'Always') return 'Running';
  if (over === 'Succeeded') return restartsAlways(pod) ? 'Running' : over;
  return restartPolicy === 'Never' && !hasWaiting(pod, statuses) ? 'Failed' : 'Running';
}

const restartsAlways = (pod: NodePod): boolean => pod.spec.containers.some(({ restartPolicy }) => restartPolicy === 'Always');

/** A container's own policy may start it again although its pod's says never. */
const hasWaiting = (pod: NodePod, statuses: readonly ContainerStatus[]): boolean =>
  pod.spec.containers.some((container) => {
    const state = find(statuses, container.name)?.state;
    const code = state?.terminated?.exitCode ?? find(statuses, container.name)?.lastState?.terminated?.exitCode;
    if (code === undefined) return false;
    const policy = container.restartPolicy;
    const ruled = (container.restartPolicyRules ?? []).some(
      ({ exitCodes }) => (exitCodes?.values?.includes(code) ?? false) === (exitCodes?.operator !== 'NotIn'),
    );
    return ruled || policy === 'Always' || (policy === 'OnFailure' && code !== 0);
  });
