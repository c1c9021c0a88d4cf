// What is checked of budgets, leases, priority classes and runtime classes.
import { deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid } from '../../field-error.js';
import type { Lease, PodDisruptionBudget, PriorityClass, RuntimeClass } from '../../gen/types.js';
import { dns1123LabelErrors } from '../../names.js';
import { conditionListErrors } from '../condition-validation.js';
import { goStruct, invalidFor, oneOf, unchanged } from '../field-checks.js';
import { validateLabels } from '../object-meta/validation.js';
import { containerResourcesErrors } from '../pod/resources-validation.js';
import { tolerationsErrors } from '../pod/scheduling-validation.js';
import { countOrPercent, notAbove100, notNegative, validateSelector } from '../selector-validation.js';

export function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  if (!spec) return [];
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined)
    errors.push(invalid('spec', goStruct(spec), 'minAvailable and maxUnavailable cannot be both set'));
  for (const name of ['minAvailable', 'maxUnavailable'] as const)
    errors.push(...countOrPercent(spec[name], `spec.${name}`), ...notAbove100(spec[name], `spec.${name}`));
  errors.push(...validateSelector(spec.selector, 'spec.selector'));
  return [...errors, ...oneOf('spec.unhealthyPodEvictionPolicy', spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'])];
}

export const validateBudgetStatus = ({ status }: PodDisruptionBudget): FieldError[] => [
  ...conditionListErrors(status?.conditions, 'status.conditions'),
  ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((name) =>
    notNegative(status?.[name], `status.${name}`),
  ),
];

export function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  const duration = spec?.leaseDurationSeconds;
  if (duration !== undefined && duration <= 0) errors.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'));
  return [...errors, ...notNegative(spec?.leaseTransitions, 'spec.leaseTransitions')];
}

const highestUserPriority = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

export function validatePriorityClass({ metadata, value, preemptionPolicy }: PriorityClass): FieldError[] {
  const name = metadata.name ?? '';
  const errors: FieldError[] = [];
  if (name.startsWith('system-')) {
    const known = systemClasses[name];
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error:";
    if (known === undefined) errors.push(forbiddenField('metadata.name', `${reserved} ${name} is not a known system priority class`));
    else if (known !== value) errors.push(forbiddenField('metadata.name', `${reserved} value of ${name} PriorityClass must be ${known}`));
  } else if (value > highestUserPriority)
    errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${highestUserPriority}`));
  return [...errors, ...oneOf('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never'])];
}

export const validatePriorityClassUpdate = (priorityClass: PriorityClass, old: PriorityClass): FieldError[] => [
  ...(priorityClass.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
  ...unchanged('preemptionPolicy', priorityClass.preemptionPolicy, old.preemptionPolicy),
];

export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors = invalidFor('handler', handler, dns1123LabelErrors(handler));
  if (overhead?.podFixed) errors.push(...containerResourcesErrors({ limits: overhead.podFixed }, [], 'overhead'));
  errors.push(...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'));
  return [...errors, ...tolerationsErrors(scheduling?.tolerations, 'scheduling.tolerations.tolerations')];
}

export const validateRuntimeClassUpdate = (runtimeClass: RuntimeClass, old: RuntimeClass): FieldError[] =>
  deepEqual(runtimeClass.handler, old.handler) ? [] : [invalid('handler', runtimeClass.handler, 'field is immutable')];
