// What is checked of a job's status: its counts, its indexes, and that it ends once and for good.

import { fromTime } from '../../clock.js';
import { deepEqual } from '../../clone.js';
import { type FieldError, invalid, required } from '../../field-error.js';
import type { Job, JobStatus } from '../../gen/types.js';
import { goStruct } from '../field-checks.js';
import { notNegative } from '../selector-validation.js';
import { overlapOf, parseIndexes } from './indexes.js';

const unspoken = (field: string, detail: string): FieldError => ({ field, reason: 'FieldValueInvalid', message: `Invalid value: ${detail}` });

const isTrue = (status: JobStatus, type: string): boolean => (status.conditions ?? []).some((one) => one.type === type && one.status === 'True');
const isFinished = (status: JobStatus): boolean => isTrue(status, 'Complete') || isTrue(status, 'Failed');

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const [status, before] = [job.status ?? {}, old.status ?? {}];
  const errors = [...countsErrors(status), ...indexesErrors(job, status), ...conditionsErrors(status), ...timesErrors(job, status, before)];
  const terminal = ['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget'].filter((type) => isTrue(before, type) && !isTrue(status, type));
  for (const type of terminal) {
    const what = type === 'Complete' || type === 'Failed' ? `the terminal ${type}=True condition` : `the ${type}=True condition`;
    errors.push(unspoken('status.conditions', `cannot disable ${what}`));
  }
  return errors;
}

function countsErrors(status: JobStatus): FieldError[] {
  const errors = (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((name) => notNegative(status[name], `status.${name}`));
  if ((status.ready ?? 0) > (status.active ?? 0)) errors.push(invalid('status.ready', status.ready, 'cannot set more ready pods than active'));
  const uncounted = status.uncountedTerminatedPods;
  if (isFinished(status) && (uncounted?.failed?.length || uncounted?.succeeded?.length))
    errors.push(invalid('status.uncountedTerminatedPods', goStruct(uncounted), 'must be empty for finished job'));
  return errors;
}

function indexesErrors({ spec }: Job, status: JobStatus): FieldError[] {
  const completions = spec?.completions ?? 0;
  const errors: FieldError[] = [];
  const read = (name: 'completedIndexes' | 'failedIndexes') => {
    const text = status[name];
    if (!text) return undefined;
    const parsed = parseIndexes(text, completions);
    if (!('error' in parsed)) return parsed;
    errors.push(invalid(`status.${name}`, text, `error parsing ${name}: ${parsed.error}`));
    return undefined;
  };
  const [completed, failed] = [read('completedIndexes'), read('failedIndexes')];
  const overlap = completed && failed && overlapOf(completed, failed);
  if (overlap !== undefined)
    errors.push(invalid('status.failedIndexes', status.failedIndexes, `failedIndexes and completedIndexes overlap at index: ${overlap}`));
  return errors;
}

const exclusive = [
  ['Complete', 'Failed', 'cannot set Complete=True and Failed=true conditions'],
  ['Complete', 'FailureTarget', 'cannot set Complete=True and FailureTarget=true conditions'],
  ['SuccessCriteriaMet', 'Failed', 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
  ['SuccessCriteriaMet', 'FailureTarget', 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
] as const;

function conditionsErrors(status: JobStatus): FieldError[] {
  const errors = exclusive
    .filter(([one, other]) => isTrue(status, one) && isTrue(status, other))
    .map(([, , why]) => unspoken('status.conditions', why));
  if (isTrue(status, 'Complete') && !isTrue(status, 'SuccessCriteriaMet'))
    errors.push(unspoken('status.conditions', 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'));
  if (isTrue(status, 'Failed') && !isTrue(status, 'FailureTarget'))
    errors.push(unspoken('status.conditions', 'cannot set Failed=True condition without the FailureTarget=true condition'));
  return errors;
}

function timesErrors({ spec }: Job, status: JobStatus, before: JobStatus): FieldError[] {
  const errors: FieldError[] = [];
  const path = 'status.completionTime';
  const complete = isTrue(status, 'Complete');
  if (complete && !status.completionTime) errors.push(required(path, 'completionTime is required for Complete jobs'));
  if (!complete && status.completionTime)
    errors.push(invalid(path, status.completionTime, 'cannot set completionTime when there is no Complete=True condition'));
  if (
    status.completionTime &&
    fromTime(status.completionTime) < (Number.isNaN(fromTime(status.startTime)) ? Number.POSITIVE_INFINITY : fromTime(status.startTime))
  )
    errors.push(invalid(path, status.completionTime, 'must be equal to or after `startTime`'));
  if (before.completionTime && isTrue(before, 'Complete') && status.completionTime && !deepEqual(before.completionTime, status.completionTime))
    errors.push(invalid(path, status.completionTime, 'field is immutable'));
  if (!before.startTime || before.startTime === status.startTime || spec?.suspend) return errors;
  return [...errors, required('status.startTime', 'startTime cannot be removed for unsuspended job')];
}
