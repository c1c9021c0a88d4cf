// Whether a job is over, and why: deadlines, limits and policies against what its pods have come to.
import { fromTime, type Job } from '@steersman/api';
import { isIndexed, parseIndexes } from './indexes.js';

export interface Outcome {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet';
  readonly reason: string;
  readonly message: string;
}

/** What the pods of a job amount to. */
export interface Tally {
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** The message of the failure policy that fails the whole job. */
  readonly failJob: string | undefined;
  readonly restarts: number;
}

const failure = (reason: string, message: string): Outcome => ({ type: 'FailureTarget', reason, message });
const success = (reason: string, message: string): Outcome => ({ type: 'SuccessCriteriaMet', reason, message });

/** How long the job may still be active. */
export function deadlineInMs({ spec, status }: Job, nowMs: number): number | undefined {
  if (spec?.activeDeadlineSeconds === undefined || spec.suspend || !status?.startTime) return undefined;
  return fromTime(status.startTime) + spec.activeDeadlineSeconds * 1000 - nowMs;
}

export function outcomeOf(job: Job, tally: Tally, nowMs: number): Outcome | undefined {
  const decided = job.status?.conditions?.find(
    ({ type, status }) => (type === 'FailureTarget' || type === 'SuccessCriteriaMet') && status === 'True',
  );
  if (decided) return { type: decided.type as Outcome['type'], reason: decided.reason ?? '', message: decided.message ?? '' };
  return failureOf(job, tally, nowMs) ?? policySuccess(job, tally) ?? completion(job, tally);
}

function failureOf(job: Job, tally: Tally, nowMs: number): Outcome | undefined {
  const { backoffLimit = 6, maxFailedIndexes, template } = job.spec ?? {};
  if (tally.failJob !== undefined) return failure('PodFailurePolicy', tally.failJob);
  const restarted = template?.spec?.restartPolicy === 'OnFailure' && (backoffLimit === 0 ? tally.restarts > 0 : tally.restarts >= backoffLimit);
  if (tally.failed > backoffLimit || restarted) return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  const leftMs = deadlineInMs(job, nowMs);
  if (leftMs !== undefined && leftMs <= 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  if (maxFailedIndexes !== undefined && tally.failedIndexes.size > maxFailedIndexes)
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  return undefined;
}

function policySuccess(job: Job, { completedIndexes }: Tally): Outcome | undefined {
  const completions = job.spec?.completions ?? 0;
  for (const [position, { succeededIndexes, succeededCount }] of (job.spec?.successPolicy?.rules ?? []).entries()) {
    const wanted = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes, completions);
    const met = [...completedIndexes].filter((index) => wanted?.has(index) ?? true).length;
    if (met >= (succeededCount ?? wanted?.size ?? completions)) return success('SuccessPolicy', `Matched rules at index ${position}`);
  }
  return undefined;
}

function completion(job: Job, { active, succeeded, failedIndexes }: Tally): Outcome | undefined {
  const { completions, suspend } = job.spec ?? {};
  if (active > 0) return undefined;
  if (isIndexed(job) && failedIndexes.size > 0 && succeeded + failedIndexes.size >= (completions ?? 0))
    return failure('FailedIndexes', 'Job has failed indexes');
  const complete = completions === undefined ? succeeded > 0 && !suspend : succeeded >= completions;
  return complete ? success('CompletionsReached', 'Reached expected number of succeeded pods') : undefined;
}
