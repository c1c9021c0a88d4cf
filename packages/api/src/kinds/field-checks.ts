// The checks that every kind's validation is made of; each returns the errors it finds, in upstream's words.
import { deepEqual } from '../clone.js';
import { type FieldError, invalid, notSupported, required } from '../field-error.js';

/** An error per message about one value. */
export const invalidFor = (field: string, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map((message) => invalid(field, value, message));

export const notNegative = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];

export const greaterThanZero = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value <= 0 ? [invalid(field, value, 'must be greater than zero')] : [];

/** A value that has to be there and be one of a few. */
export function requiredOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A value that has to be one of a few where it is given at all. */
export const oneOf = (field: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];

export const unchanged = (field: string, value: unknown, old: unknown): FieldError[] =>
  deepEqual(value, old) ? [] : [invalid(field, value, 'field is immutable')];

/** A struct that has no JSON names upstream, as it is printed there: with Go's field names. */
export function goStruct(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goStruct);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.charAt(0).toUpperCase() + key.slice(1), goStruct(inner)]));
}

/** The errors of every element of a list that may be absent, with the element's path. */
export const forEach = <T>(
  list: readonly T[] | undefined | null,
  path: string,
  check: (element: T, path: string, index: number) => FieldError[],
): FieldError[] => (list ?? []).flatMap((element, index) => check(element, `${path}[${index}]`, index));
