// When a job fails or succeeds early: its policies for failed pods and for succeeded indexes.
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../field-error.js';
import type { JobSpec, PodFailurePolicyRule } from '../../gen/types.js';
import { qualifiedNameErrors } from '../../names.js';
import { forEach, invalidFor } from '../field-checks.js';
import { notNegative } from '../selector-validation.js';
import { parseIndexes } from './indexes.js';

const maxRules = 20;
const maxCodes = 255;
const maxPatterns = 20;
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

const unspoken = (field: string, detail: string): FieldError => ({ field, reason: 'FieldValueInvalid', message: `Invalid value: ${detail}` });

export function failurePolicyErrors(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules;
  if (!spec.podFailurePolicy) return [];
  if ((rules ?? []).length > maxRules) return [tooMany(`${path}.rules`, rules!.length, maxRules)];
  const names = new Set([...(spec.template?.spec?.containers ?? []), ...(spec.template?.spec?.initContainers ?? [])].map(({ name }) => name));
  return forEach(rules, `${path}.rules`, (rule, at) => ruleErrors(rule, spec, names, at));
}

function ruleErrors(
  { action, onExitCodes, onPodConditions }: PodFailurePolicyRule,
  spec: JobSpec,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!action) errors.push(required(`${path}.action`, `valid values: ${actions.map((one) => JSON.stringify(one)).join(', ')}`));
  else if (!actions.includes(action)) errors.push(notSupported(`${path}.action`, action, actions));
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
  if (onExitCodes) errors.push(...exitCodesErrors(onExitCodes, names, `${path}.onExitCodes`));
  if (onPodConditions?.length) errors.push(...conditionsErrors(onPodConditions, `${path}.onPodConditions`));
  if (onExitCodes && onPodConditions?.length) errors.push(unspoken(path, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  if (!onExitCodes && !onPodConditions?.length) errors.push(unspoken(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  return errors;
}

function exitCodesErrors(
  { containerName, operator, ...requirement }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  names: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(operator ? notSupported(`${path}.operator`, operator, ['In', 'NotIn']) : required(`${path}.operator`, 'valid values: "In", "NotIn"'));
  if (containerName !== undefined && !names.has(containerName))
    errors.push(invalid(`${path}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'));
  const at = `${path}.values`;
  const values = requirement.values ?? [];
  if (values.length === 0) errors.push(invalid(at, values, 'at least one value is required'));
  else if (values.length > maxCodes) errors.push(tooMany(at, values.length, maxCodes));
  const seen = new Set<number>();
  let ordered = true;
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0) errors.push(invalid(`${at}[${index}]`, value, 'must not be 0 for the In operator'));
    if (index > 0 && value < values[index - 1]!) ordered = false;
    if (seen.has(value)) errors.push(duplicate(`${at}[${index}]`, value));
    seen.add(value);
  }
  return ordered ? errors : [...errors, invalid(at, values, 'must be ordered')];
}

function conditionsErrors(patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>, path: string): FieldError[] {
  if (patterns.length > maxPatterns) return [tooMany(path, patterns.length, maxPatterns)];
  return forEach(patterns, path, ({ type, status }, at) => [
    ...invalidFor(`${at}.type`, type, qualifiedNameErrors(type)),
    ...(['False', 'True', 'Unknown'].includes(status ?? '') ? [] : [notSupported(`${at}.status`, status ?? '', ['False', 'True', 'Unknown'])]),
  ]);
}

export function successPolicyErrors({ successPolicy, completions = 0 }: JobSpec, path: string): FieldError[] {
  if (!successPolicy) return [];
  const rules = successPolicy.rules ?? [];
  const at = `${path}.rules`;
  if (rules.length === 0) return [required(at, 'at least one rules must be specified when the successPolicy is specified')];
  if (rules.length > maxRules) return [tooMany(at, rules.length, maxRules)];
  return forEach(rules, at, ({ succeededIndexes, succeededCount }, one) => {
    const errors: FieldError[] = [];
    if (succeededCount === undefined && succeededIndexes === undefined)
      return [required(one, 'at least one of succeededCount or succeededIndexes must be specified')];
    let total: number | undefined;
    if (succeededIndexes !== undefined) {
      const parsed = parseIndexes(succeededIndexes, completions);
      if ('error' in parsed) errors.push(invalid(`${one}.succeededIndexes`, succeededIndexes, `error parsing succeededIndexes: ${parsed.error}`));
      else total = parsed.count;
    }
    if (succeededCount === undefined) return errors;
    const count = `${one}.succeededCount`;
    errors.push(...notNegative(succeededCount, count));
    if (succeededCount > completions)
      errors.push(invalid(count, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
    if (total !== undefined && succeededCount > total)
      errors.push(
        invalid(count, succeededCount, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`),
      );
    return errors;
  });
}
