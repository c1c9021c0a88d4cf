// What is checked of ResourceQuotas and LimitRanges.

import { deepEqual, memberOf } from '../../clone.js';
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../field-error.js';
import type { LimitRange, LimitRangeItem, ResourceQuota, ResourceQuotaSpec } from '../../gen/types.js';
import { qualifiedNameErrors } from '../../names.js';
import { compareQuantities } from '../../quantity.js';
import { forEach, invalidFor } from '../field-checks.js';
import { isStandardForContainers, isStandardForQuota, notNegativeQuantity, resourceNameErrors, resourceQuantityErrors } from '../resource-names.js';

const scopes = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const onlyPods = new Set(['BestEffort']);
const podResources = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory', 'pods']);

export const validateQuota = ({ spec, status }: ResourceQuota): FieldError[] => [
  ...(spec ? quotaSpecErrors(spec) : []),
  ...quantitiesErrors(status?.hard, 'status.hard'),
  ...quantitiesErrors(status?.used, 'status.used'),
];

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const errors = quota.spec ? quotaSpecErrors(quota.spec) : [];
  const [now, before] = [quota, old].map(({ spec }) => [...(spec?.scopes ?? [])].sort());
  return deepEqual(now, before) ? errors : [...errors, invalid('spec.scopes', quota.spec?.scopes ?? null, 'field is immutable')];
}

export const validateQuotaStatus = ({ status }: ResourceQuota): FieldError[] => [
  ...quantitiesErrors(status?.hard, 'status.hard'),
  ...quantitiesErrors(status?.used, 'status.used'),
];

const quantitiesErrors = (list: Readonly<Record<string, string>> | undefined, path: string): FieldError[] =>
  Object.entries(list ?? {}).flatMap(([name, quantity]) => [
    ...quotaNameErrors(name, `${path}[${name}]`),
    ...resourceQuantityErrors(name, quantity, `${path}[${name}]`),
  ]);

function quotaNameErrors(name: string, path: string): FieldError[] {
  if (name.startsWith('count/') || (name.startsWith('requests.') && isStandardForQuota(name)))
    return invalidFor(path, name, qualifiedNameErrors(name));
  const errors = resourceNameErrors(name, path);
  if (!name.includes('/') && !name.startsWith('requests.hugepages-') && !isStandardForQuota(name))
    errors.push(invalid(path, name, 'must be a standard resource for quota'));
  return errors;
}

function quotaSpecErrors(spec: ResourceQuotaSpec): FieldError[] {
  const errors = quantitiesErrors(spec.hard, 'spec.hard');
  const names = Object.keys(spec.hard ?? {}).sort();
  const given = spec.scopes ?? [];
  for (const scope of given) {
    if (!scopes.includes(scope)) errors.push(invalid('spec.scopes', given, 'unsupported scope'));
    if (names.some((name) => isStandardForQuota(name) && !fits(scope, name)))
      errors.push(invalid('spec.scopes', given, 'unsupported scope applied to resource'));
  }
  errors.push(...conflictErrors(given, 'spec.scopes', given));
  return spec.scopeSelector ? [...errors, ...scopeSelectorErrors(spec, names)] : errors;
}

function fits(scope: string, name: string): boolean {
  if (onlyPods.has(scope)) return name === 'pods';
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage';
  return podResources.has(name) || name.endsWith('ephemeral-storage') || name.includes('hugepages-');
}

function conflictErrors(given: readonly string[], path: string, shown: unknown): FieldError[] {
  const pairs = [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ];
  return pairs.filter((pair) => pair.every((scope) => given.includes(scope))).map(() => invalid(path, shown, 'conflicting scopes'));
}

const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function scopeSelectorErrors(spec: ResourceQuotaSpec, names: readonly string[]): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const list = spec.scopeSelector?.matchExpressions ?? [];
  const errors = list.flatMap(({ scopeName, operator, values = [] }) => {
    const found: FieldError[] = [];
    if (!scopes.includes(scopeName)) found.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'));
    for (const name of names)
      if (isStandardForQuota(name) && !fits(scopeName, name)) found.push(invalid(path, spec.scopeSelector, 'unsupported scope applied to resource'));
    const plain = scopeName !== 'PriorityClass' && scopeName !== 'VolumeAttributesClass' && scopes.includes(scopeName);
    if (plain && operator !== 'Exists') found.push(invalid(`${path}.operator`, operator, mustExist));
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        found.push(required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        found.push(invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else found.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    return found;
  });
  return [
    ...errors,
    ...conflictErrors(
      list.map(({ scopeName }) => scopeName),
      path,
      spec.scopes ?? null,
    ),
  ];
}

const limitTypes = new Set(['Pod', 'Container', 'PersistentVolumeClaim']);

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const types = new Set<string>();
  return forEach(spec?.limits, 'spec.limits', (item, at) => {
    const errors = limitTypeErrors(item, at);
    if (types.has(item.type)) errors.push(duplicate(`${at}.type`, item.type));
    types.add(item.type);
    return [...errors, ...limitValuesErrors(item, at)];
  });
}

function limitTypeErrors({ type, max, min, ...item }: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${path}.type`));
  else {
    errors.push(...invalidFor(`${path}.type`, type, qualifiedNameErrors(type)));
    if (!type.includes('/') && !limitTypes.has(type)) errors.push(invalid(`${path}.type`, type, 'must be a standard limit type or fully qualified'));
  }
  for (const list of ['default', 'defaultRequest'] as const)
    if (type === 'Pod' && Object.keys(item[list] ?? {}).length > 0)
      errors.push(forbiddenField(`${path}.${list}`, "may not be specified when `type` is 'Pod'"));
  if (type === 'PersistentVolumeClaim' && min?.['storage'] === undefined && max?.['storage'] === undefined)
    errors.push(required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  return errors;
}

/** Minimum, default request, default and maximum have to be in that order. */
function limitValuesErrors(item: LimitRangeItem, path: string): FieldError[] {
  const { max = {}, min = {}, default: limit = {}, defaultRequest: request = {}, maxLimitRequestRatio: ratio = {} } = item;
  const names = [...new Set([max, min, limit, request, ratio].flatMap((list) => Object.keys(list)))].sort();
  return names.flatMap((name) => {
    const errors: FieldError[] = [];
    for (const [list, values] of Object.entries({ max, min, default: limit, defaultRequest: request, maxLimitRequestRatio: ratio })) {
      const value = memberOf(values, name);
      if (value === undefined) continue;
      errors.push(...limitNameErrors(item.type, name, `${path}.${list}[${name}]`), ...notNegativeQuantity(`${path}.${list}[${name}]`, value));
    }
    const above = (low: string | undefined, high: string | undefined): boolean =>
      low !== undefined && high !== undefined && compareQuantities(low, high) > 0;
    const [low, high, own, wanted] = [min, max, limit, request].map((values) => memberOf(values, name));
    if (above(low, high)) errors.push(invalid(`${path}.min[${name}]`, low, `min value ${low} is greater than max value ${high}`));
    if (above(low, wanted))
      errors.push(invalid(`${path}.defaultRequest[${name}]`, wanted, `min value ${low} is greater than default request value ${wanted}`));
    if (above(wanted, high))
      errors.push(invalid(`${path}.defaultRequest[${name}]`, wanted, `default request value ${wanted} is greater than max value ${high}`));
    if (above(wanted, own))
      errors.push(invalid(`${path}.defaultRequest[${name}]`, wanted, `default request value ${wanted} is greater than default limit value ${own}`));
    if (above(low, own)) errors.push(invalid(`${path}.default[${name}]`, low, `min value ${low} is greater than default value ${own}`));
    if (above(own, high)) errors.push(invalid(`${path}.default[${name}]`, high, `default value ${own} is greater than max value ${high}`));
    return [...errors, ...ratioErrors(name, memberOf(ratio, name), low, high, path)];
  });
}

function limitNameErrors(type: string, name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  const special = type === 'Pod' || type === 'Container';
  return special && !name.includes('/') && !isStandardForContainers(name)
    ? [...errors, invalid(path, name, 'must be a standard limit type or fully qualified')]
    : errors;
}

function ratioErrors(name: string, ratio: string | undefined, min: string | undefined, max: string | undefined, path: string): FieldError[] {
  if (ratio === undefined) return [];
  const at = `${path}.maxLimitRequestRatio[${name}]`;
  const errors = compareQuantities(ratio, 1) < 0 ? [invalid(at, ratio, `ratio ${ratio} is less than 1`)] : [];
  if (min === undefined || max === undefined || compareQuantities(min, 0) <= 0) return errors;
  const largest = Number(max) / Number(min);
  return Number.isFinite(largest) && Number(ratio) > largest
    ? [...errors, invalid(at, ratio, `ratio ${ratio} is greater than max/min = ${largest.toFixed(6)}`)]
    : errors;
}
