// Jobs and cron jobs.
import type { CronJob, Job, JobSpec } from '../../gen/types.js';
import { podTemplateDefaults } from '../pod/defaults.js';

export function jobDefaults({ metadata, spec }: Job): void {
  if (!spec) return;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  if (spec.backoffLimitPerIndex !== undefined) spec.backoffLimit ??= 2 ** 31 - 1;
  spec.backoffLimit ??= 6;
  const labels = spec.template?.metadata?.labels;
  if (labels && Object.keys(labels).length > 0) metadata.labels ??= { ...labels };
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  jobTemplateDefaults(spec);
}

/** A job's pod template and failure policy: all that a cron job's template gets. */
function jobTemplateDefaults(spec: JobSpec): void {
  for (const { onPodConditions } of spec.podFailurePolicy?.rules ?? []) for (const pattern of onPodConditions ?? []) pattern.status ||= 'True';
  podTemplateDefaults(spec.template);
}

export function cronJobDefaults({ spec }: CronJob): void {
  if (!spec) return;
  spec.concurrencyPolicy ??= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
  if (spec.jobTemplate?.spec) jobTemplateDefaults(spec.jobTemplate.spec);
}
