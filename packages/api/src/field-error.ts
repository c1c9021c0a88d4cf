// What validation finds: a list of field errors, in upstream's words, and the 422 answer made of it.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ (details.causes).
import { StatusError } from './status-error.js';

export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueNotFound'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/** One thing wrong with an object; `message` is the text after the field's path, as upstream's `ErrorBody` has it. */
export interface FieldError {
  readonly field: string;
  readonly reason: FieldErrorReason;
  readonly message: string;
}

/** A value as Go prints it in a field error: strings quoted, objects as JSON, the rest as written. */
export function printValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? goQuoted(value) : JSON.stringify(value);
}

const shortEscapes: Readonly<Record<string, string>> = { '\\u0007': '\\a', '\\u000b': '\\v' };

/** A string as Go quotes it: like JSON, but for the names of control characters. */
const goQuoted = (text: string): string =>
  JSON.stringify(text).replace(
    /\\(u00([01][0-9a-f])|.)/g,
    (sequence, _, code?: string) => shortEscapes[sequence] ?? (code ? `\\x${code}` : sequence),
  );

export const required = (field: string, detail = ''): FieldError => ({
  field,
  reason: 'FieldValueRequired',
  message: withDetail('Required value', detail),
});

export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  field,
  reason: 'FieldValueInvalid',
  message: withDetail(`Invalid value: ${printValue(value)}`, detail),
});

export const duplicate = (field: string, value: unknown): FieldError => ({
  field,
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${printValue(value)}`,
});

/** The supported values are listed as given: upstream sorts them in most places, not in all. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  field,
  reason: 'FieldValueNotSupported',
  message: withDetail(
    `Unsupported value: ${printValue(value)}`,
    supported.length > 0 ? `supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}` : '',
  ),
});

export const forbiddenField = (field: string, detail: string): FieldError => ({
  field,
  reason: 'FieldValueForbidden',
  message: withDetail('Forbidden', detail),
});

export const tooLong = (field: string, maxLength: number): FieldError => ({
  field,
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${maxLength} bytes`,
});

export const tooMany = (field: string, count: number, max: number): FieldError => ({
  field,
  reason: 'FieldValueTooMany',
  message: `Too many: ${count}: must have at most ${max} items`,
});

export const notFoundField = (field: string, value: unknown): FieldError => ({
  field,
  reason: 'FieldValueNotFound',
  message: `Not found: ${printValue(value)}`,
});

export const typeInvalid = (field: string, value: unknown, detail: string): FieldError => ({
  field,
  reason: 'FieldValueTypeInvalid',
  message: withDetail(`Invalid value: ${printValue(value)}`, detail),
});

const withDetail = (body: string, detail: string): string => (detail ? `${body}: ${detail}` : body);

/** The 422 answer to an object with these errors. */
export function invalidObject({ group, kind }: { group: string; kind: string }, name: string, errors: readonly FieldError[]): StatusError {
  const lines = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  const text = lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${text}`,
    details: {
      ...(name && { name }),
      ...(group && { group }),
      ...(kind && { kind }),
      causes: errors.map(({ field, reason, message }) => ({ reason, message, field })),
    },
  });
}
