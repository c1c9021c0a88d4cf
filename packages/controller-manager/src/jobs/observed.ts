// What can be seen of a job: its pods sorted by what has become of them, and the numbers that follow.
import { fromTime, isDeleting, type Job, type Pod, type UncountedTerminatedPods } from '@steersman/api';
import { failuresOf, indexOf, isIndexed, parseIndexes } from './indexes.js';
import type { Tally } from './outcome.js';
import { verdictOn } from './pod-failure-policy.js';
import { isTracked } from './tracking.js';

export interface Observed {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly tally: Tally;
  /** When the pods failed that no success has followed. */
  readonly recentFailures: readonly number[];
  /** The first indexes that no pod works on or has ended. */
  freeIndexes(count: number): number[];
  failuresOfIndex(index: number): number;
  /** The pods to be let go, and those of them whose end is to be counted. */
  toCount(outcome: string | undefined, deleting: boolean): { pods: Pod[]; uncounted: UncountedTerminatedPods };
}

/** Whether a pod is replaced only once it has failed, not while it terminates. */
export const replacesFailedOnly = ({ spec }: Job): boolean => spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (!isDeleting(pod) || pod.status?.phase === 'Succeeded') return false;
  return !replacesFailedOnly(job) || pod.status?.phase === 'Pending';
}

function endOf(pod: Pod): number {
  const ends = pod.status?.containerStatuses?.map(({ state }) => state?.terminated?.finishedAt).filter((time) => time !== undefined) ?? [];
  return Math.max(...ends.map(fromTime), fromTime(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp ?? ''));
}

export function observe(job: Job, pods: readonly Pod[], released: ReadonlySet<string>): Observed {
  const completions = job.spec?.completions ?? 0;
  const indexed = isIndexed(job);
  const noted = job.status?.uncountedTerminatedPods;
  const uidOf = ({ metadata }: Pod): string => metadata.uid ?? '';
  const inRange = (pod: Pod): boolean => !indexed || (indexOf(pod) ?? Infinity) < completions;
  const tracked = pods.filter((pod) => isTracked(pod) && !released.has(uidOf(pod)));
  const active = pods.filter((pod) => !isOver(pod) && !isDeleting(pod));
  const terminating = pods.filter((pod) => isDeleting(pod) && !isOver(pod));
  const failedPods = pods.filter((pod) => hasFailed(job, pod) && inRange(pod));
  const newlyFailed = tracked.filter((pod) => hasFailed(job, pod) && inRange(pod) && !noted?.failed?.includes(uidOf(pod)));
  const newlySucceeded = tracked.filter((pod) => pod.status?.phase === 'Succeeded' && inRange(pod) && !noted?.succeeded?.includes(uidOf(pod)));
  const verdicts = new Map(failedPods.map((pod) => [uidOf(pod), verdictOn(job, pod)]));
  const counted = newlyFailed.filter((pod) => verdicts.get(uidOf(pod))?.action !== 'Ignore');
  const completedIndexes = parseIndexes(job.status?.completedIndexes, completions);
  const failedIndexes = parseIndexes(job.status?.failedIndexes, completions);
  const perIndex = job.spec?.backoffLimitPerIndex;
  if (indexed) for (const pod of newlySucceeded) completedIndexes.add(indexOf(pod)!);
  if (perIndex !== undefined)
    for (const pod of counted) if (verdicts.get(uidOf(pod))?.action === 'FailIndex' || failuresOf(pod) >= perIndex) failedIndexes.add(indexOf(pod)!);
  const succeeded = indexed ? completedIndexes.size : (job.status?.succeeded ?? 0) + (noted?.succeeded?.length ?? 0) + newlySucceeded.length;
  const failed = (job.status?.failed ?? 0) + (noted?.failed?.length ?? 0) + counted.length;
  const lastSuccessMs = Math.max(0, ...pods.filter(({ status }) => status?.phase === 'Succeeded').map(endOf));
  const failJob = failedPods.map((pod) => verdicts.get(uidOf(pod))).find((verdict) => verdict?.action === 'FailJob')?.message;
  const restarts = active
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  return {
    active,
    terminating,
    tally: { active: active.length, succeeded, failed, completedIndexes, failedIndexes, failJob, restarts },
    recentFailures: failedPods
      .filter((pod) => pod.status?.phase === 'Failed' && verdicts.get(uidOf(pod))?.action !== 'Ignore')
      .map(endOf)
      .filter((endMs) => endMs > lastSuccessMs),
    freeIndexes(count) {
      const taken = new Set(active.map(indexOf));
      const free: number[] = [];
      for (let index = 0; index < completions && free.length < count; index++)
        if (!taken.has(index) && !completedIndexes.has(index) && !failedIndexes.has(index)) free.push(index);
      return free;
    },
    failuresOfIndex(index) {
      return Math.max(
        0,
        ...failedPods.filter((pod) => indexOf(pod) === index).map((pod) => failuresOf(pod) + (verdicts.get(uidOf(pod))?.action === 'Ignore' ? 0 : 1)),
      );
    },
    toCount(outcome, deleting) {
      const everything = deleting || outcome !== undefined;
      const stopped =
        outcome === 'FailureTarget'
          ? tracked.filter((pod) => !isOver(pod) && !hasFailed(job, pod) && inRange(pod) && !noted?.failed?.includes(uidOf(pod)))
          : [];
      const uncounted = {
        succeeded: [...(noted?.succeeded ?? []), ...(indexed ? [] : newlySucceeded.map(uidOf))],
        failed: [...(noted?.failed ?? []), ...counted.map(uidOf), ...stopped.map(uidOf)],
      };
      return {
        pods: tracked.filter((pod) => everything || pod.status?.phase === 'Succeeded' || hasFailed(job, pod)),
        uncounted: {
          ...(uncounted.succeeded.length && { succeeded: uncounted.succeeded }),
          ...(uncounted.failed.length && { failed: uncounted.failed }),
        },
      };
    },
  };
}
