// What is checked of Deployments, ReplicaSets, DaemonSets, ReplicationControllers, and the parts that StatefulSets share with them.
import { deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  LabelSelector,
  PodTemplate,
  PodTemplateSpec,
  ReplicaSet,
  ReplicationController,
} from '../../gen/types.js';
import { percentageOf } from '../../int-or-string.js';
import { labelSelectorMatches } from '../../label-selector.js';
import { goStruct, unchanged } from '../field-checks.js';
import { validateTemplate } from '../pod/spec-validation.js';
import { countOrPercent, notAbove100, notNegative, validateSelector } from '../selector-validation.js';

const template = 'spec.template';

export const isEmptySelector = ({ matchLabels, matchExpressions }: LabelSelector): boolean =>
  Object.keys(matchLabels ?? {}).length + (matchExpressions?.length ?? 0) === 0;

/** The selector of a workload: it has to be there, and select something. */
export function selectorErrors(selector: LabelSelector | undefined, kind: string): FieldError[] {
  if (!selector) return [required('spec.selector')];
  const errors = validateSelector(selector, 'spec.selector');
  if (isEmptySelector(selector)) errors.push(invalid('spec.selector', selector, `empty selector is invalid for ${kind}`));
  // What cannot be a selector is said once more, as a whole.
  return errors.length > 0 && !isEmptySelector(selector) ? [...errors, invalid('spec.selector', selector, 'invalid label selector')] : errors;
}

/** The pods that a workload makes: it has to select them, and they have to be restarted for ever. */
export function podTemplateErrors(spec: { selector?: LabelSelector; template?: PodTemplateSpec }, owner: string): FieldError[] {
  const { selector } = spec;
  if (selector && validateSelector(selector, '').length > 0) return [];
  const labels = spec.template?.metadata?.labels;
  const selects = selector ? isEmptySelector(selector) || labelSelectorMatches(selector, labels) : owner === 'DaemonSet';
  const errors = selects ? [] : [invalid(`${template}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`')];
  errors.push(...validateTemplate(spec.template, template));
  const { restartPolicy, activeDeadlineSeconds } = spec.template?.spec ?? {};
  if (restartPolicy === 'OnFailure' || restartPolicy === 'Never')
    errors.push(notSupported(`${template}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(forbiddenField(`${template}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`));
  return errors;
}

export function validateDeployment({ spec }: Deployment): FieldError[] {
  if (!spec) return [];
  const deadline = spec.progressDeadlineSeconds;
  const errors = [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...selectorErrors(spec.selector, 'deployment'),
    ...podTemplateErrors(spec, 'ReplicaSet'),
    ...strategyErrors(spec.strategy),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...notNegative(deadline, 'spec.progressDeadlineSeconds'),
  ];
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  return errors;
}

function strategyErrors(strategy: NonNullable<Deployment['spec']>['strategy']): FieldError[] {
  const path = 'spec.strategy';
  if (strategy?.type === 'Recreate')
    return strategy.rollingUpdate ? [forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (strategy?.type !== 'RollingUpdate') return [notSupported(path, goStruct(strategy), ['Recreate', 'RollingUpdate'])];
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? {};
  const rolling = `${path}.rollingUpdate`;
  const errors = [...countOrPercent(maxUnavailable, `${rolling}.maxUnavailable`), ...countOrPercent(maxSurge, `${rolling}.maxSurge`)];
  if (isZero(maxUnavailable) && isZero(maxSurge))
    errors.push(invalid(`${rolling}.maxUnavailable`, maxUnavailable ?? 0, 'may not be 0 when `maxSurge` is 0'));
  return [...errors, ...notAbove100(maxUnavailable, `${rolling}.maxUnavailable`)];
}

const isZero = (value: number | string | undefined): boolean => value === 0 || value === undefined || percentageOf(value) === 0;

const deploymentCounts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas'] as const;

export function validateDeploymentStatus({ status = {} }: Deployment, { status: old = {} }: Deployment): FieldError[] {
  const errors = notNegative(status.observedGeneration, 'status.observedGeneration');
  for (const name of deploymentCounts) errors.push(...notNegative(status[name], `status.${name}`));
  errors.push(
    ...notNegative(status.collisionCount, 'status.collisionCount'),
    ...notAboveReplicas(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']),
  );
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(invalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than readyReplicas'));
  return [...errors, ...collisionErrors(status.collisionCount, old.collisionCount)];
}

export const collisionErrors = (now: number | undefined, before: number | undefined): FieldError[] =>
  before !== undefined && (now ?? 0) < before ? [invalid('status.collisionCount', now ?? null, 'cannot be decremented')] : [];

export function notAboveReplicas<T extends { replicas?: number }>(status: T, names: readonly (keyof T & string)[]): FieldError[] {
  return names.flatMap((name) => {
    const count = status[name] as number | undefined;
    return (count ?? 0) > (status.replicas ?? 0) ? [invalid(`status.${name}`, count, 'cannot be greater than status.replicas')] : [];
  });
}

export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  if (!spec) return [];
  return [
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...selectorErrors(spec.selector, 'deployment'),
    ...podTemplateErrors(spec, 'ReplicaSet'),
  ];
}

/** Counts of a ReplicaSet's or a ReplicationController's pods. */
export function validateReplicaStatus({ status }: ReplicaSet | ReplicationController): FieldError[] {
  if (!status) return [];
  const errors: FieldError[] = [];
  for (const name of ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const)
    errors.push(...notNegative(status[name], `status.${name}`));
  errors.push(...notAboveReplicas(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']));
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(invalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than readyReplicas'));
  return errors;
}

export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  if (!spec) return [];
  const errors = [
    ...selectorErrors(spec.selector, 'daemonset'),
    ...podTemplateErrors(spec, 'DaemonSet'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
  ];
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type === 'RollingUpdate')
    errors.push(...(rollingUpdate ? daemonRolloutErrors(rollingUpdate) : [required('spec.updateStrategy.rollingUpdate')]));
  else if (type !== 'OnDelete') errors.push(notSupported('spec.updateStrategy', goStruct(spec.updateStrategy), ['RollingUpdate', 'OnDelete']));
  return [...errors, ...notNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit')];
}

function daemonRolloutErrors({ maxUnavailable, maxSurge }: { maxUnavailable?: number | string; maxSurge?: number | string }): FieldError[] {
  const path = 'spec.updateStrategy.rollingUpdate';
  const errors = [
    ...countOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...notAbove100(maxUnavailable, `${path}.maxUnavailable`),
    ...countOrPercent(maxSurge, `${path}.maxSurge`),
    ...notAbove100(maxSurge, `${path}.maxSurge`),
  ];
  const surges = maxSurge !== undefined && !isZero(maxSurge) && !(typeof maxSurge === 'string' && percentageOf(maxSurge) === undefined);
  const stops = !isZero(maxUnavailable);
  if (surges && stops) errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!surges && !stops) errors.push(required(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

const daemonCounts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
] as const;

export function validateDaemonSetStatus({ status }: DaemonSet, { status: old }: DaemonSet): FieldError[] {
  const errors = daemonCounts.flatMap((name) => notNegative(status?.[name], `status.${name}`));
  errors.push(...notNegative(status?.observedGeneration, 'status.observedGeneration'));
  return [...errors, ...collisionErrors(status?.collisionCount, old?.collisionCount)];
}

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  if (!spec) return [];
  const errors = [...notNegative(spec.minReadySeconds, 'spec.minReadySeconds')];
  if (!spec.selector || Object.keys(spec.selector).length === 0) errors.push(required('spec.selector'));
  errors.push(...notNegative(spec.replicas, 'spec.replicas'));
  if (!spec.template) return [...errors, required(template)];
  return [...errors, ...podTemplateErrors({ selector: { matchLabels: spec.selector ?? {} }, template: spec.template }, 'ReplicationController')];
}

/** Selectors are for ever. */
export const validateSelectorKept = (object: { spec?: { selector?: LabelSelector } }, old: { spec?: { selector?: LabelSelector } }): FieldError[] =>
  deepEqual(object.spec?.selector, old.spec?.selector) ? [] : [invalid('spec.selector', object.spec?.selector ?? null, 'field is immutable')];

export const validatePodTemplate = ({ template: pods }: PodTemplate): FieldError[] => validateTemplate(pods, 'template');

export const validateRevision = ({ data, revision }: ControllerRevision): FieldError[] => [
  ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : []),
  ...notNegative(revision, 'revision'),
];

export const validateRevisionUpdate = (object: ControllerRevision, old: ControllerRevision): FieldError[] => [
  ...unchanged('data', object.data, old.data),
  ...validateRevision(object),
];
