// Label selectors inside objects, and numbers that must not be negative or are percentages.
import { type FieldError, forbiddenField, invalid, required } from '../field-error.js';
import type { LabelSelector } from '../gen/types.js';
import { labelValueErrors, percentErrors, qualifiedNameErrors } from '../names.js';
import { validateLabels } from './object-meta/validation.js';

export function validateSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((expression, index) => expressionErrors(expression, `${path}.matchExpressions[${index}]`)),
  ];
}

function expressionErrors({ key, operator, values = [] }: { key: string; operator: string; values?: string[] }, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else errors.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'));
  errors.push(...qualifiedNameErrors(key ?? '').map((message) => invalid(`${path}.key`, key ?? '', message)));
  values.forEach((value, index) => {
    errors.push(...labelValueErrors(value).map((message) => invalid(`${path}.values[${index}]`, value, message)));
  });
  return errors;
}

export const validOperators = ({ matchExpressions }: LabelSelector): boolean =>
  (matchExpressions ?? []).every(({ operator }) => ['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator));

export const notNegative = (value: number | undefined, path: string): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];

/** A number that is not negative, or a percentage. */
export function countOrPercent(value: number | string | undefined, path: string): FieldError[] {
  if (typeof value === 'number') return notNegative(value, path);
  return value === undefined ? [] : percentErrors(value).map((message) => invalid(path, value, message));
}

export const notAbove100 = (value: number | string | undefined, path: string): FieldError[] =>
  typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100
    ? [invalid(path, value, 'must not be greater than 100%')]
    : [];
