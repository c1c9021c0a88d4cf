// What is checked of Jobs and CronJobs.
import { clone, deepEqual } from '../../clone.js';
import { type FieldError, invalid, notSupported, required, tooLong } from '../../field-error.js';
import type { CronJob, Job, JobSpec, PodTemplateSpec } from '../../gen/types.js';
import { labelSelectorMatches } from '../../label-selector.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../names.js';
import { goStruct, oneOf, requiredOneOf, unchanged } from '../field-checks.js';
import { validateTemplate } from '../pod/spec-validation.js';
import { notNegative, validateSelector } from '../selector-validation.js';
import { scheduleError } from './cron-schedule.js';
import { failurePolicyErrors, successPolicyErrors } from './failure-policy-validation.js';

const maxParallel = 100_000;
const numbers = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;

function jobSpecErrors(spec: JobSpec, path: string): FieldError[] {
  const errors = numbers.flatMap((name) => notNegative(spec[name], `${path}.${name}`));
  if (spec.selector) errors.push(...validateSelector(spec.selector, `${path}.selector`));
  errors.push(...indexErrors(spec, path), ...managerErrors(spec.managedBy, `${path}.managedBy`));
  errors.push(
    ...oneOf(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']),
  );
  errors.push(...validateTemplate(spec.template, `${path}.template`), ...failurePolicyErrors(spec, `${path}.podFailurePolicy`));
  errors.push(...successPolicyErrors(spec, `${path}.successPolicy`));
  const restart = spec.template?.spec?.restartPolicy;
  if (!restart || restart === 'Always') errors.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  else if (restart !== 'OnFailure' && restart !== 'Never')
    errors.push(notSupported(`${path}.template.spec.restartPolicy`, restart, ['OnFailure', 'Never']));
  else if (spec.podFailurePolicy && restart !== 'Never')
    errors.push(invalid(`${path}.template.spec.restartPolicy`, restart, 'only "Never" is supported when podFailurePolicy is specified'));
  return errors;
}

function indexErrors(spec: JobSpec, path: string): FieldError[] {
  const { completionMode, completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes, successPolicy } = spec;
  const errors: FieldError[] = [];
  const indexed = completionMode === 'Indexed';
  if (completionMode !== undefined && !indexed && completionMode !== 'NonIndexed')
    errors.push(notSupported(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']));
  if (indexed) {
    if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
    if (parallelism > maxParallel)
      errors.push(invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${maxParallel} when completion mode is Indexed`));
    if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
      errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
    if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > maxParallel)
      errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, `must be less than or equal to ${maxParallel}`));
  } else if (completionMode !== undefined) {
    if (backoffLimitPerIndex !== undefined)
      errors.push(invalid(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'));
    if (maxFailedIndexes !== undefined) errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'requires indexed completion mode'));
    if (successPolicy) errors.push(invalid(`${path}.successPolicy`, goStruct(successPolicy), 'requires indexed completion mode'));
  }
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined)
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  return errors;
}

function managerErrors(manager: string | undefined, path: string): FieldError[] {
  if (manager === undefined) return [];
  const [host = '', file = ''] = [manager.split('/')[0], manager.split('/').slice(1).join('/')];
  const errors =
    !host || !file
      ? [invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')]
      : dns1123SubdomainErrors(host).map((message) => invalid(path, host, message));
  return manager.length > 63 ? [...errors, tooLong(path, 63)] : errors;
}

export function validateJob(job: Job): FieldError[] {
  const { metadata, spec } = job;
  if (!spec) return [];
  const errors = [...generatedSelectorErrors(job), ...jobSpecErrors(spec, 'spec')];
  if (spec.completionMode !== 'Indexed' || !spec.completions) return errors;
  const last = `${metadata.name}-${spec.completions - 1}`;
  const wrong = dns1123LabelErrors(last);
  return wrong.length > 0
    ? [...errors, invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${last}`)]
    : errors;
}

const controllerUid = 'batch.kubernetes.io/controller-uid';
const jobName = 'batch.kubernetes.io/job-name';

/** A job that does not select its pods by hand selects them by labels that the server gives them. */
function generatedSelectorErrors({ metadata, spec }: Job): FieldError[] {
  const selector = spec?.selector;
  const labels = spec?.template?.metadata?.labels;
  if (!selector) return [required('spec.selector')];
  const errors: FieldError[] = [];
  if (!spec.manualSelector) {
    const uid = metadata.uid ?? '';
    const [byUid, byName] = [labels?.[controllerUid] !== undefined, labels?.[jobName] !== undefined];
    errors.push(
      ...labelErrors(labels, byUid ? controllerUid : 'controller-uid', uid),
      ...labelErrors(labels, byName ? jobName : 'job-name', metadata.name ?? ''),
    );
    const wanted = { matchLabels: { [controllerUid]: uid } };
    if (!deepEqual(selector, wanted) && !deepEqual(selector, { matchLabels: { 'controller-uid': uid } }))
      errors.push(invalid('spec.selector', selector, '`selector` not auto-generated'));
  }
  if (validateSelector(selector, '').length === 0 && !labelSelectorMatches(selector, labels))
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, '`selector` does not match template `labels`'));
  return errors;
}

function labelErrors(labels: Readonly<Record<string, string>> | undefined, key: string, value: string): FieldError[] {
  const path = `spec.template.metadata.labels[${key}]`;
  if (labels?.[key] === undefined) return [required(path, `must be '${value}'`)];
  return labels[key] === value ? [] : [invalid(path, labels, `must be '${value}'`)];
}

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const [spec, before] = [job.spec, old.spec];
  if (!spec || !before) return [];
  // Upstream checks the spec twice on an update, and tells it twice.
  const own = jobSpecErrors(spec, 'spec');
  const errors = [...own, ...own];
  errors.push(...completionsErrors(spec, before), ...unchanged('spec.selector', spec.selector, before.selector), ...templateChangeErrors(job, old));
  for (const name of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const)
    if (!deepEqual(spec[name], before[name])) {
      const value = typeof spec[name] === 'object' ? goStruct(spec[name]) : spec[name];
      errors.push(invalid(`spec.${name}`, value, 'field is immutable'));
    }
  return errors;
}

function completionsErrors(spec: JobSpec, old: JobSpec): FieldError[] {
  const path = 'spec.completions';
  if (deepEqual(spec.completions, old.completions)) return [];
  if (spec.completionMode !== 'Indexed' || spec.completions === undefined || old.completions === undefined)
    return [invalid(path, spec.completions, 'field is immutable')];
  return spec.completions === spec.parallelism ? [] : [invalid(path, spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/** Where pods of a job may run can change as long as it is suspended and has never run. */
function templateChangeErrors({ spec }: Job, { spec: before, status }: Job): FieldError[] {
  const placeable = before?.suspend === true && status?.startTime === undefined;
  const fixed = (template: PodTemplateSpec | undefined): unknown => (placeable ? withoutPlacement(template) : template);
  return deepEqual(fixed(spec?.template), fixed(before?.template)) ? [] : [invalid('spec.template', goStruct(spec?.template), 'field is immutable')];
}

function withoutPlacement(template: PodTemplateSpec | undefined): unknown {
  const copy = clone(template ?? {}) as PodTemplateSpec;
  delete copy.metadata?.annotations;
  delete copy.metadata?.labels;
  if (copy.metadata && Object.keys(copy.metadata).length === 0) delete copy.metadata;
  if (!copy.spec) return copy;
  const { nodeSelector: _selector, tolerations: _tolerations, schedulingGates: _gates, affinity, ...spec } = copy.spec;
  const { nodeAffinity: _node, ...others } = affinity ?? {};
  return { ...copy, spec: { ...spec, ...(Object.keys(others).length > 0 && { affinity: others }) } };
}

const maxCronJobName = 52;

export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors = cronJobSpecErrors(spec);
  // Its jobs get names eleven characters longer.
  if ((metadata.name ?? '').length > maxCronJobName)
    errors.push(invalid('metadata.name', metadata.name, `must be no more than ${maxCronJobName} characters`));
  return errors;
}

export const validateCronJobUpdate = ({ spec }: CronJob): FieldError[] => cronJobSpecErrors(spec);

function cronJobSpecErrors(spec: CronJob['spec']): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec?.schedule) errors.push(required('spec.schedule'));
  else errors.push(...scheduleErrors(spec.schedule));
  for (const name of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'] as const)
    errors.push(...notNegative(spec?.[name], `spec.${name}`));
  errors.push(...timeZoneErrors(spec?.timeZone), ...requiredOneOf('spec.concurrencyPolicy', spec?.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']));
  const job = spec?.jobTemplate?.spec;
  if (!job) return errors;
  errors.push(...jobSpecErrors(job, 'spec.jobTemplate.spec'));
  return job.manualSelector ? [...errors, notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false'])] : errors;
}

function scheduleErrors(schedule: string): FieldError[] {
  const path = 'spec.schedule';
  if (schedule.includes('TZ')) {
    return [invalid(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  }
  const error = scheduleError(schedule);
  return error === undefined ? [] : [invalid(path, schedule, error)];
}

function timeZoneErrors(zone: string | undefined): FieldError[] {
  const path = 'spec.timeZone';
  if (zone === undefined) return [];
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  const errors: FieldError[] = [];
  if (zone.toLowerCase() === 'local')
    errors.push(invalid(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'));
  return isTimeZone(zone) ? errors : [...errors, invalid(path, zone, `unknown time zone ${zone}`)];
}

function isTimeZone(zone: string): boolean {
  if (zone === 'UTC' || zone === 'Local') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return !/^[+-]/.test(zone);
  } catch {
    return false;
  }
}
