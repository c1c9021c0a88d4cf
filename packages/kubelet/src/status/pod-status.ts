// The whole status of a pod as the kubelet reports it.
import { type ContainerStatus, isSidecar, type PodCondition, type PodStatus, toTime } from '@steersman/api';
import { isHostNetwork, type NodePod } from '../pods/pod.js';
import { addressesOf, readySandbox } from '../pods/runtime-pod.js';
import { containerStatuses, type StatusSources } from './container-statuses.js';
import { ownedConditions, podConditions } from './pod-conditions.js';
import { podPhase } from './pod-phase.js';
import { qosClassOf } from './qos.js';

/** What the probes say of a running container. */
export interface Readiness {
  isStarted(containerId: string, hasStartupProbe: boolean): boolean;
  isReady(containerId: string, hasReadinessProbe: boolean): boolean;
}

/** Something that overrides the phase: a deadline, an eviction. */
export interface Verdict {
  readonly reason: string;
  readonly message: string;
}

export interface PodStatusInput {
  readonly pod: NodePod;
  readonly sources: Omit<StatusSources, 'previous'>;
  readonly previous: PodStatus;
  readonly readiness: Readiness;
  readonly hostIps: readonly string[];
  /** All its containers have been ended for good. */
  readonly isTerminal: boolean;
  readonly verdict: Verdict | undefined;
  /** Conditions about a resize. */
  readonly resize: readonly Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>[];
  readonly nowMs: number;
}

const idOf = ({ containerID }: ContainerStatus): string => containerID?.replace(/^.*:\/\//, '') ?? '';

function withProbes(statuses: readonly ContainerStatus[], { pod, readiness }: PodStatusInput, kind: 'init' | 'regular'): ContainerStatus[] {
  const containers = kind === 'init' ? (pod.spec.initContainers ?? []) : pod.spec.containers;
  return statuses.map((status) => {
    const container = containers.find(({ name }) => name === status.name);
    const isRunning = status.state?.running !== undefined;
    if (kind === 'init' && container && !isSidecar(container)) {
      return { ...status, started: isRunning, ready: status.state?.terminated?.exitCode === 0 };
    }
    const started = isRunning && readiness.isStarted(idOf(status), container?.startupProbe !== undefined);
    return { ...status, started, ready: started && readiness.isReady(idOf(status), container?.readinessProbe !== undefined) };
  });
}

/** Conditions with their times: those of before where the status stayed. */
function timed(
  drafts: readonly Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>[],
  { previous, nowMs, pod }: PodStatusInput,
): PodCondition[] {
  return drafts.map((draft) => {
    const before = previous.conditions?.find(({ type }) => type === draft.type);
    const { generation } = pod.metadata;
    return {
      type: draft.type,
      status: draft.status,
      ...(generation !== undefined && { observedGeneration: generation }),
      ...(before && 'lastProbeTime' in before && { lastProbeTime: before.lastProbeTime }),
      lastTransitionTime: before?.status === draft.status && before.lastTransitionTime ? before.lastTransitionTime : toTime(nowMs),
      ...(draft.reason && { reason: draft.reason }),
      ...(draft.message && { message: draft.message }),
    } as PodCondition;
  });
}

const isOver = (phase: string | undefined): phase is 'Succeeded' | 'Failed' => phase === 'Succeeded' || phase === 'Failed';

export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, previous, verdict, hostIps, nowMs } = input;
  const of = (list: readonly ContainerStatus[] | undefined): StatusSources => ({ ...input.sources, previous: list ?? [] });
  const init = withProbes(containerStatuses(pod, pod.spec.initContainers ?? [], 'init', of(previous.initContainerStatuses)), input, 'init');
  const regular = withProbes(containerStatuses(pod, pod.spec.containers, 'regular', of(previous.containerStatuses)), input, 'regular');
  const ephemeral = containerStatuses(pod, pod.spec.ephemeralContainers ?? [], 'ephemeral', of(previous.ephemeralContainerStatuses));
  const computed = podPhase(pod, [...init, ...regular], input.isTerminal);
  const phase = verdict ? 'Failed' : isOver(previous.phase) ? previous.phase : computed;
  const keeps = phase === previous.phase;
  const reason = verdict?.reason ?? (keeps ? previous.reason : undefined);
  const message = verdict?.message ?? (keeps ? previous.message : undefined);
  const foreign = (pod.status.conditions ?? []).filter(({ type }) => !ownedConditions.has(type) || type === 'DisruptionTarget');
  const sandbox = readySandbox(input.sources.runtimePod);
  const hasNetwork = sandbox !== undefined && (sandbox.hostNetwork || sandbox.ips.length > 0);
  const known = addressesOf(input.sources.runtimePod);
  const podIps = isHostNetwork(pod) ? hostIps : known.length > 0 ? known : (previous.podIPs ?? []).map(({ ip }) => ip);
  const { generation } = pod.metadata;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    conditions: [...timed([...input.resize, ...podConditions({ pod, phase, init, regular, foreign, hasNetwork })], input), ...foreign],
    ...(message && { message }),
    ...(reason && { reason }),
    ...(hostIps[0] && { hostIP: hostIps[0], hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(podIps[0] && { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    startTime: previous.startTime ?? toTime(nowMs),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: regular,
    qosClass: qosClassOf(pod),
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
}

/** The status of a pod that the node does not take. */
export function rejectedStatus(pod: NodePod, verdict: Verdict, nowMs: number): PodStatus {
  const { generation } = pod.metadata;
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase: 'Failed',
    reason: verdict.reason,
    message: `Pod was rejected: ${verdict.message}`,
    startTime: pod.status.startTime ?? toTime(nowMs),
    qosClass: qosClassOf(pod),
  };
}
