// What is checked of HorizontalPodAutoscalers, in the form of v2.
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerV1,
  HPAScalingRules,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../gen/types.js';
import { pathSegmentErrors } from '../../names.js';
import { compareQuantities } from '../../quantity.js';
import { forEach, invalidFor, requiredOneOf } from '../field-checks.js';
import { notNegative, validateSelector } from '../selector-validation.js';

const longestPeriod = 1800;
const longestWindow = 3600;
const kinds = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'] as const;
type Kind = (typeof kinds)[number];
const fieldOf: Readonly<Record<Kind, 'containerResource' | 'external' | 'object' | 'pods' | 'resource'>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function boundsErrors({ minReplicas, maxReplicas }: { minReplicas?: number; maxReplicas: number }): FieldError[] {
  const errors = minReplicas !== undefined && minReplicas < 1 ? [invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')] : [];
  if (maxReplicas < 1) errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  return errors;
}

function targetErrors({ kind, name, apiVersion }: { kind: string; name: string; apiVersion?: string }, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, value] of [['kind', kind] as const, ['name', name] as const]) {
    if (!value) errors.push(required(`${path}.${field}`));
    else errors.push(...invalidFor(`${path}.${field}`, value, pathSegmentErrors(value)));
  }
  return apiVersion !== undefined && (apiVersion.match(/\//g) ?? []).length > 1
    ? [...errors, invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
    : errors;
}

const groupErrors = (apiVersion: string | undefined): FieldError[] =>
  apiVersion ? [] : [invalid('spec.scaleTargetRef.apiVersion', apiVersion ?? '', 'apiVersion must specify API group')];

export function validateAutoscalerV1({ spec }: HorizontalPodAutoscalerV1): FieldError[] {
  if (!spec) return [];
  const errors = [
    ...boundsErrors(spec),
    ...targetErrors(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...groupErrors(spec.scaleTargetRef?.apiVersion),
  ];
  const utilization = spec.targetCPUUtilizationPercentage;
  const path = 'spec.metrics[0].resource.target.averageUtilization';
  return utilization !== undefined && utilization < 1 ? [...errors, invalid(path, utilization, 'must be greater than 0')] : errors;
}

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  if (!spec) return [];
  const errors = [
    ...boundsErrors(spec),
    ...targetErrors(spec.scaleTargetRef, 'spec.scaleTargetRef'),
    ...groupErrors(spec.scaleTargetRef?.apiVersion),
  ];
  errors.push(...forEach(spec.metrics, 'spec.metrics', metricErrors));
  if (spec.minReplicas === 0 && !spec.metrics?.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(forbiddenField('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'));
  for (const way of ['scaleUp', 'scaleDown'] as const) {
    const rules = spec.behavior?.[way];
    if (rules) errors.push(...rulesErrors(rules, `spec.behavior.${way}`));
  }
  return errors;
}

function rulesErrors({ stabilizationWindowSeconds: window, selectPolicy, policies, tolerance }: HPAScalingRules, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) errors.push(invalid(at, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > longestWindow) errors.push(invalid(at, window, `must be less than or equal to ${longestWindow}`));
  if (selectPolicy !== undefined && !['Disabled', 'Max', 'Min'].includes(selectPolicy))
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  if (!policies?.length) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  errors.push(
    ...forEach(policies, `${path}.policies`, ({ type, value, periodSeconds }, one) => {
      const found = ['Percent', 'Pods'].includes(type) ? [] : [notSupported(`${one}.type`, type, ['Percent', 'Pods'])];
      if (value <= 0) found.push(invalid(`${one}.value`, value, 'must be greater than zero'));
      if (periodSeconds <= 0) found.push(invalid(`${one}.periodSeconds`, periodSeconds, 'must be greater than zero'));
      if (periodSeconds > longestPeriod) found.push(invalid(`${one}.periodSeconds`, periodSeconds, `must be less than or equal to ${longestPeriod}`));
      return found;
    }),
  );
  return tolerance !== undefined && compareQuantities(tolerance, 0) < 0
    ? [...errors, invalid(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0')]
    : errors;
}

function metricErrors(metric: MetricSpec, path: string): FieldError[] {
  const { type } = metric;
  const errors: FieldError[] = [];
  if (!type) return [required(`${path}.type`, 'must specify a metric source type')];
  // Looked at by kind and by source: told twice.
  if (!kinds.includes(type as Kind)) return [notSupported(`${path}.type`, type, kinds), notSupported(`${path}.type`, type, kinds)];
  const expected = fieldOf[type as Kind];
  const given = Object.values(fieldOf).filter((field) => metric[field] !== undefined);
  if (!given.includes(expected)) errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  for (const field of given) if (field !== expected) errors.push(forbiddenField(`${path}.${field}`, 'must populate the given metric source only'));
  return [...errors, ...sourceErrors(metric, path)];
}

function sourceErrors({ object, pods, external, resource, containerResource }: MetricSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (object) {
    const at = `${path}.object`;
    errors.push(
      ...targetErrors(object.describedObject, `${at}.describedObject`),
      ...identifierErrors(object.metric, `${at}.metric`),
      ...amountErrors(object.target, `${at}.target`),
    );
    if (object.target.value === undefined && object.target.averageValue === undefined)
      errors.push(required(`${at}.target.averageValue`, 'must set either a target value or averageValue'));
  }
  if (external) {
    const at = `${path}.external`;
    errors.push(...identifierErrors(external.metric, `${at}.metric`), ...amountErrors(external.target, `${at}.target`));
    if (external.target.value === undefined && external.target.averageValue === undefined)
      errors.push(required(`${at}.target.averageValue`, 'must set either a target value for metric or a per-pod target'));
    if (external.target.value !== undefined && external.target.averageValue !== undefined)
      errors.push(forbiddenField(`${at}.target.value`, 'may not set both a target value for metric and a per-pod target'));
  }
  if (pods) {
    errors.push(...identifierErrors(pods.metric, `${path}.pods.metric`), ...amountErrors(pods.target, `${path}.pods.target`));
    if (pods.target.averageValue === undefined)
      errors.push(required(`${path}.pods.target.averageValue`, 'must specify a positive target averageValue'));
  }
  if (resource) errors.push(...resourceErrors(resource, `${path}.resource`));
  if (containerResource) {
    if (!containerResource.container) errors.push(required(`${path}.containerResource.container`, 'must specify a container'));
    errors.push(...resourceErrors(containerResource, `${path}.containerResource`));
  }
  return errors;
}

function resourceErrors({ name, target }: { name: string; target: MetricTarget }, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`, 'must specify a resource name')];
  const { averageUtilization, averageValue } = target;
  errors.push(...amountErrors(target, `${path}.target`));
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(required(`${path}.target.averageUtilization`, 'must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(forbiddenField(`${path}.target.averageValue`, 'may not set both a target raw value and a target utilization'));
  return errors;
}

function amountErrors({ type, value, averageValue, averageUtilization }: MetricTarget, path: string): FieldError[] {
  const errors = requiredOneOf(`${path}.type`, type, ['AverageValue', 'Utilization', 'Value']).map((error) =>
    error.reason === 'FieldValueRequired'
      ? required(`${path}.type`, 'must specify a metric target type')
      : invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'),
  );
  if (value !== undefined && compareQuantities(value, 0) <= 0) errors.push(invalid(`${path}.value`, value, 'must be positive'));
  if (averageValue !== undefined && compareQuantities(averageValue, 0) <= 0)
    errors.push(invalid(`${path}.averageValue`, averageValue, 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return errors;
}

function identifierErrors({ name, selector }: MetricIdentifier, path: string): FieldError[] {
  const errors = name ? invalidFor(`${path}.name`, name, pathSegmentErrors(name)) : [required(`${path}.name`, 'must specify a metric name')];
  return [...errors, ...validateSelector(selector, `${path}.selector`)];
}

export const validateAutoscalerStatus = ({ status }: HorizontalPodAutoscaler | HorizontalPodAutoscalerV1): FieldError[] => [
  ...notNegative(status?.currentReplicas, 'status.currentReplicas'),
  ...notNegative(status?.desiredReplicas, 'status.desiredReplicas'),
];
