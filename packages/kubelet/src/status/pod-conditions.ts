// The conditions of a pod that its kubelet owns.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/status/generate.go
import { type ContainerStatus, isSidecar, type PodCondition } from '@steersman/api';
import type { NodePod } from '../pods/pod.js';
import type { PodPhase } from './pod-phase.js';

export interface ConditionInput {
  readonly pod: NodePod;
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
  /** Conditions set by others, such as readiness gates. */
  readonly foreign: readonly PodCondition[];
  readonly hasNetwork: boolean;
}

type Draft = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

const yes = (type: string): Draft => ({ type, status: 'True' });
const no = (type: string, reason: string, message = ''): Draft => ({ type, status: 'False', reason, ...(message && { message }) });

/** The types that the kubelet writes. */
export const ownedConditions: ReadonlySet<string> = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
  'DisruptionTarget',
]);

const listed = (what: string, names: readonly string[]): string =>
  (names.length > 0 ? [`containers with ${what} status: [${names.join(' ')}]`] : []).join('');

function containersReady({ pod, phase, init, regular }: ConditionInput): Draft {
  const type = 'ContainersReady';
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const wanted = [
    ...sidecars.map(({ name }) => ({ name, status: init.find((s) => s.name === name) })),
    ...pod.spec.containers.map(({ name }) => ({ name, status: regular.find((s) => s.name === name) })),
  ];
  const unknown = wanted.filter(({ status }) => !status).map(({ name }) => name);
  const unready = wanted.filter(({ status }) => status && !status.ready).map(({ name }) => name);
  if (phase === 'Succeeded' && unknown.length === 0) return no(type, 'PodCompleted');
  if (phase === 'Failed' && unknown.length === 0) return no(type, 'PodFailed');
  if (unknown.length === 0 && unready.length === 0) return yes(type);
  return no(type, 'ContainersNotReady', [listed('unknown', unknown), listed('unready', unready)].filter(Boolean).join(', '));
}

function ready(input: ConditionInput, containers: Draft): Draft {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' };
  const messages = (input.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = input.foreign.find(({ type }) => type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === 'True' ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  return messages.length > 0 ? no('Ready', 'ReadinessGatesNotReady', messages.join(', ')) : yes('Ready');
}

function initialized({ pod, phase, init, regular }: ConditionInput): Draft {
  const type = 'Initialized';
  const list = pod.spec.initContainers ?? [];
  const unknown = list.filter(({ name }) => !init.some((s) => s.name === name)).map(({ name }) => name);
  const incomplete = list
    .filter((container) => {
      const status = init.find(({ name }) => name === container.name);
      return status && !(isSidecar(container) ? status.started : status.ready);
    })
    .map(({ name }) => name);
  if (phase === 'Succeeded' && unknown.length === 0) return { ...yes(type), reason: 'PodCompleted' };
  const begun = regular.some(({ state, lastState, started }) => started || state?.running || state?.terminated || lastState?.terminated);
  if (begun || (unknown.length === 0 && incomplete.length === 0)) return yes(type);
  return no(type, 'ContainersNotInitialized', [listed('unknown', unknown), listed('incomplete', incomplete)].filter(Boolean).join(', '));
}

/** The conditions in upstream's order. */
export function podConditions(input: ConditionInput): Draft[] {
  const containers = containersReady(input);
  return [
    { type: 'PodReadyToStartContainers', status: input.hasNetwork ? 'True' : 'False' },
    initialized(input),
    ready(input, containers),
    containers,
    yes('PodScheduled'),
  ];
}
