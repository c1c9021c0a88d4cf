// What to do next for a stateful set: one step in order, or all at once when it manages its pods in parallel. Pure.
import { isDeleting, isPodAvailable, isPodReady, type Pod, type StatefulSet } from '@steersman/api';
import { revisionHashLabel } from '../history/controller-history.js';
import { firstOrdinalOf, ordinalOf } from './identity.js';

export type Step = { readonly do: 'create'; readonly ordinal: number } | { readonly do: 'delete'; readonly pod: Pod };

export interface Situation {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly updateRevision: string;
  readonly nowMs: number;
}

export const revisionOf = ({ metadata }: Pod): string => metadata.labels?.[revisionHashLabel] ?? '';

export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);

const isOver = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** Whether a pod has an ordinal that the set no longer wants. */
export function isCondemned(set: StatefulSet, pod: Pod): boolean {
  const ordinal = ordinalOf(set, pod) ?? 0;
  const first = firstOrdinalOf(set);
  return ordinal < first || ordinal >= first + (set.spec?.replicas ?? 1);
}

export function nextSteps(situation: Situation): Step[] {
  const { set } = situation;
  const inOrder = set.spec?.podManagementPolicy !== 'Parallel';
  const upwards = scaleUp(situation, inOrder);
  if (upwards.waits) return upwards.steps;
  const downwards = scaleDown(situation, inOrder);
  const steps = [...upwards.steps, ...downwards.steps];
  if (downwards.waits || steps.length || set.spec?.updateStrategy?.type === 'OnDelete') return steps;
  return update(situation);
}

interface Steps {
  readonly steps: Step[];
  /** Nothing else may be done before these have come about. */
  readonly waits: boolean;
}

function scaleUp({ set, pods, nowMs }: Situation, inOrder: boolean): Steps {
  const steps: Step[] = [];
  const first = firstOrdinalOf(set);
  for (let ordinal = first; ordinal < first + (set.spec?.replicas ?? 1); ordinal++) {
    const pod = pods.find((one) => ordinalOf(set, one) === ordinal);
    if (!pod) steps.push({ do: 'create', ordinal });
    else if (isOver(pod) && !isDeleting(pod)) steps.push({ do: 'delete', pod });
    const settled = pod !== undefined && !isDeleting(pod) && isRunningAndReady(pod) && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
    if (inOrder && !settled) return { steps, waits: true };
  }
  return { steps, waits: false };
}

function scaleDown({ set, pods }: Situation, inOrder: boolean): Steps {
  const steps: Step[] = [];
  const condemned = pods.filter((pod) => isCondemned(set, pod)).sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
  for (const pod of condemned) {
    if (!isDeleting(pod)) steps.push({ do: 'delete', pod });
    if (inOrder) return { steps, waits: true };
  }
  return { steps, waits: false };
}

/** Ends the last pod of an older revision, once those after it are well. */
function update({ set, pods, updateRevision, nowMs }: Situation): Step[] {
  const lowest = firstOrdinalOf(set) + (set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0);
  const candidates = pods
    .filter((pod) => !isCondemned(set, pod) && ordinalOf(set, pod)! >= lowest)
    .sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
  for (const pod of candidates) {
    if (revisionOf(pod) !== updateRevision && !isDeleting(pod)) return [{ do: 'delete', pod }];
    if (isDeleting(pod) || !isRunningAndReady(pod) || !isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs)) return [];
  }
  return [];
}
