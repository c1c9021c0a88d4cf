// Where a pod may run: affinity, tolerations, topology spread, scheduling gates.

import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type {
  Affinity,
  LabelSelector,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinityTerm,
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from '../../gen/types.js';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from '../../names.js';
import { forEach, invalidFor, oneOf } from '../field-checks.js';
import { validateSelector } from '../selector-validation.js';

const requiredTerms = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferredTerms = 'preferredDuringSchedulingIgnoredDuringExecution';

export const labelNameErrors = (name: string, path: string): FieldError[] => invalidFor(path, name, qualifiedNameErrors(name));

export function affinityErrors(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  const errors: FieldError[] = [];
  if (nodeAffinity?.[requiredTerms]) errors.push(...nodeSelectorErrors(nodeAffinity[requiredTerms], `${path}.nodeAffinity.${requiredTerms}`));
  errors.push(
    ...forEach(nodeAffinity?.[preferredTerms], `${path}.nodeAffinity.${preferredTerms}`, ({ weight, preference }, at) => [
      ...weightErrors(weight, at),
      ...nodeTermErrors(preference, `${at}.preference`, true),
    ]),
  );
  for (const [name, terms] of [['podAffinity', podAffinity] as const, ['podAntiAffinity', podAntiAffinity] as const])
    errors.push(
      ...forEach(terms?.[requiredTerms], `${path}.${name}.${requiredTerms}`, podTermErrors),
      ...forEach(terms?.[preferredTerms], `${path}.${name}.${preferredTerms}`, ({ weight, podAffinityTerm }, at) => [
        ...weightErrors(weight, at),
        ...podTermErrors(podAffinityTerm, `${at}.podAffinityTerm`),
      ]),
    );
  return errors;
}

const weightErrors = (weight: number, path: string): FieldError[] =>
  weight <= 0 || weight > 100 ? [invalid(`${path}.weight`, weight, 'must be in the range 1-100')] : [];

export function nodeSelectorErrors({ nodeSelectorTerms }: NodeSelector, path: string): FieldError[] {
  if (!nodeSelectorTerms?.length) return [required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return forEach(nodeSelectorTerms, `${path}.nodeSelectorTerms`, (term, at) => nodeTermErrors(term, at, false));
}

export const nodeTermErrors = ({ matchExpressions, matchFields }: NodeSelectorTerm, path: string, anyValue: boolean): FieldError[] => [
  ...forEach(matchExpressions, `${path}.matchExpressions`, (requirement, at) => nodeRequirementErrors(requirement, at, anyValue)),
  ...forEach(matchFields, `${path}.matchFields`, fieldRequirementErrors),
];

function nodeRequirementErrors({ key, operator, values = [] }: NodeSelectorRequirement, path: string, anyValue: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const at = `${path}.values`;
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(at, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbiddenField(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(at, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  errors.push(...labelNameErrors(key, `${path}.key`));
  return anyValue ? errors : [...errors, ...forEach(values, at, (value, one) => invalidFor(one, value, labelValueErrors(value)))];
}

function fieldRequirementErrors({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  else if (values.length !== 1)
    errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  if (key !== 'metadata.name') return [...errors, invalid(`${path}.key`, key, 'not a valid field selector key')];
  return [...errors, ...forEach(values, `${path}.values`, (value, at) => invalidFor(at, value, dns1123SubdomainErrors(value)))];
}

function podTermErrors(term: PodAffinityTerm, path: string): FieldError[] {
  const errors = [
    ...validateSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateSelector(term.namespaceSelector, `${path}.namespaceSelector`),
  ];
  for (const name of term.namespaces ?? []) errors.push(...invalidFor(`${path}.namespace`, name, dns1123LabelErrors(name)));
  errors.push(...matchKeysErrors(term.matchLabelKeys, 'matchLabelKeys', term.labelSelector, path));
  errors.push(...matchKeysErrors(withoutKeys(term.mismatchLabelKeys, term.matchLabelKeys), 'mismatchLabelKeys', term.labelSelector, path));
  for (const [index, key] of (term.matchLabelKeys ?? []).entries())
    if (term.mismatchLabelKeys?.includes(key))
      errors.push(invalid(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  return [...errors, ...labelNameErrors(term.topologyKey ?? '', `${path}.topologyKey`)];
}

/**
 * Keys whose values are taken from the pod. A server that merges such keys into the selector lists each of them
 * there once; a second mention, or one by the client itself, is an error.
 */
function matchKeysErrors(keys: readonly string[] | undefined, name: string, selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!keys?.length) return [];
  const errors: FieldError[] = selector ? [] : [forbiddenField(`${path}.${name}`, 'must not be specified when labelSelector is not set')];
  for (const [index, key] of keys.entries()) {
    errors.push(...labelNameErrors(key, `${path}.${name}[${index}]`));
    // The server has added the key once for each time it is listed; what is left was there before.
    const merged = keys.filter((other) => other === key).length;
    const repeated = keys.indexOf(key) < index;
    if (selector && (repeated || mentions(selector, key) > merged))
      errors.push(invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector'));
  }
  return errors;
}

const withoutKeys = (keys: readonly string[] | undefined, others: readonly string[] = []): string[] | undefined =>
  keys?.filter((key) => !others.includes(key));

const mentions = ({ matchLabels, matchExpressions }: LabelSelector, key: string): number =>
  (matchLabels && Object.hasOwn(matchLabels, key) ? 1 : 0) + (matchExpressions ?? []).filter((requirement) => requirement.key === key).length;

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function taintEffectErrors(effect: string | undefined, path: string): FieldError[] {
  if (!effect) return [required(path)];
  return effects.includes(effect) ? [] : [notSupported(path, effect, effects)];
}

export function tolerationsErrors(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  return forEach(tolerations, path, ({ key, operator = '', value = '', effect, tolerationSeconds }, at) => {
    const errors = key ? labelNameErrors(key, `${at}.key`) : [];
    const anyKey = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    if (!key && operator !== 'Exists') errors.push(invalid(`${at}.operator`, operator, anyKey));
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator === 'Equal' || operator === '') {
      const wrong = labelValueErrors(value);
      if (wrong.length > 0) errors.push(invalid(`${at}.operator`, value, wrong.join(';')));
    } else if (operator !== 'Exists') errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    else if (value) errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    return effect ? [...errors, ...taintEffectErrors(effect, `${at}.effect`)] : errors;
  });
}

export function schedulingGatesErrors(gates: readonly PodSchedulingGate[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return forEach(gates, path, ({ name }, at) => {
    const errors = invalidFor(at, name, qualifiedNameErrors(name));
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    return errors;
  });
}

const unsatisfiable = ['DoNotSchedule', 'ScheduleAnyway'];

export function spreadErrors(constraints: readonly TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  return forEach(constraints, path, (constraint, at, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    const errors = maxSkew <= 0 ? [invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')] : [];
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    else errors.push(...labelNameErrors(topologyKey, `${at}.topologyKey`));
    if (!unsatisfiable.includes(whenUnsatisfiable)) errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, unsatisfiable));
    const same = (other: TopologySpreadConstraint): boolean => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable;
    // The first of two is told, not the second.
    if (constraints?.slice(index + 1).some(same))
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    if (minDomains !== undefined && minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'));
    if (minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule') {
      const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalid(`${at}.minDomains`, minDomains, why));
    }
    errors.push(
      ...oneOf(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, ['Honor', 'Ignore']),
      ...oneOf(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, ['Honor', 'Ignore']),
      ...matchKeysErrors(constraint.matchLabelKeys, 'matchLabelKeys', constraint.labelSelector, at),
      ...validateSelector(constraint.labelSelector, `${at}.labelSelector`),
    );
    return errors;
  });
}
