// What is checked of meta/v1 conditions in a status.
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../field-error.js';
import type { Condition } from '../gen/types.js';
import { qualifiedNameErrors } from '../names.js';
import { forEach, invalidFor } from './field-checks.js';

const statuses = ['False', 'True', 'Unknown'];
const reasonPattern = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonMessage =
  'a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or ' +
  "'_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or " +
  `'ReasonA:ReasonB', regex used for validation is '${reasonPattern}')`;
const maxReason = 1024;
const maxMessage = 32 * 1024;

export function conditionListErrors(conditions: readonly Condition[] | undefined, path: string): FieldError[] {
  const types = new Set<string>();
  return forEach(conditions, path, (condition, at) => {
    const twice = types.has(condition.type) ? [duplicate(`${at}.type`, condition.type)] : [];
    types.add(condition.type);
    return [...twice, ...conditionErrors(condition, at)];
  });
}

function conditionErrors({ type, status, observedGeneration = 0, lastTransitionTime, reason, message }: Condition, path: string): FieldError[] {
  const errors = invalidFor(`${path}.type`, type, qualifiedNameErrors(type));
  if (!statuses.includes(status)) errors.push(notSupported(`${path}.status`, status, statuses));
  if (observedGeneration < 0) errors.push(invalid(`${path}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero'));
  if (!lastTransitionTime) errors.push(required(`${path}.lastTransitionTime`));
  if (!reason) errors.push(required(`${path}.reason`));
  else {
    if (!new RegExp(`^${reasonPattern}$`).test(reason)) errors.push(invalid(`${path}.reason`, reason, reasonMessage));
    if (reason.length > maxReason) errors.push(tooLong(`${path}.reason`, maxReason));
  }
  return (message ?? '').length > maxMessage ? [...errors, tooLong(`${path}.message`, maxMessage)] : errors;
}
