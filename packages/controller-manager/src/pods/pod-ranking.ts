// Which pods go first when there are too many: the least useful ones.
import { fromTime, isPodReady, type Pod } from '@steersman/api';

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

const readySince = (pod: Pod): number => fromTime(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime);

const restarts = (pod: Pod): number => Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));

const deletionCost = (pod: Pod): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;

/** Ages compare by magnitude, so that near ones count as equal and chance decides. */
const logAge = (ms: number, nowMs: number): number => Math.floor(Math.log2(Math.max(1, (nowMs - ms) / 1000)));

/** Sorts pods so that those to be deleted first come first. `neighbours` counts the owner's pods on each node. */
export function rankForDeletion(pods: readonly Pod[], { neighbours, nowMs }: { neighbours: ReadonlyMap<string, number>; nowMs: number }): Pod[] {
  const crowd = (pod: Pod): number => neighbours.get(pod.spec?.nodeName ?? '') ?? 0;
  const order = (a: Pod, b: Pod): number =>
    Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName)) ||
    (phaseRank[a.status?.phase ?? ''] ?? 1) - (phaseRank[b.status?.phase ?? ''] ?? 1) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    crowd(b) - crowd(a) ||
    (isPodReady(a) && isPodReady(b) ? logAge(readySince(a), nowMs) - logAge(readySince(b), nowMs) : 0) ||
    restarts(b) - restarts(a) ||
    logAge(fromTime(a.metadata.creationTimestamp), nowMs) - logAge(fromTime(b.metadata.creationTimestamp), nowMs) ||
    ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1);
  return [...pods].sort(order);
}
