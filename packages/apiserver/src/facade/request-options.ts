// Query parameters of API requests, parsed once into options; malformed ones are refused in upstream's words.
import { badRequest, field, fieldManagerErrors, invalidObject, StatusError } from '@steersman/api';
import type { WriteOptions } from '@steersman/client';
import type { ListRequest } from '../handler/read.js';
import type { WatchRequest } from '../handler/watch.js';
import { isTrue } from '../request/request-info.js';

export const parseInteger = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
};

export const parseBoolean = (query: URLSearchParams, name: string): boolean | undefined => {
  const text = query.get(name);
  if (text === null) return undefined;
  return isTrue(text);
};

const given = <Key extends string>(query: URLSearchParams, key: Key): { [K in Key]?: string } => {
  const value = query.get(key);
  return (value ? { [key]: value } : {}) as { [K in Key]?: string };
};

export function listOptionsOf(query: URLSearchParams): ListRequest & { timeoutSeconds?: number } {
  const sendInitialEvents = parseBoolean(query, 'sendInitialEvents');
  const limit = parseInteger(query, 'limit');
  const timeoutSeconds = parseInteger(query, 'timeoutSeconds');
  return {
    ...given(query, 'labelSelector'),
    ...given(query, 'fieldSelector'),
    ...given(query, 'continue'),
    ...given(query, 'resourceVersion'),
    ...(given(query, 'resourceVersionMatch') as { resourceVersionMatch?: 'Exact' }),
    ...(limit !== undefined && { limit }),
    ...(sendInitialEvents !== undefined && { sendInitialEvents }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

export function watchOptionsOf(query: URLSearchParams): WatchRequest & { timeoutSeconds?: number } {
  const timeoutSeconds = parseInteger(query, 'timeoutSeconds');
  const sendInitialEvents = parseBoolean(query, 'sendInitialEvents');
  const allowBookmarks = parseBoolean(query, 'allowWatchBookmarks');
  return {
    ...given(query, 'labelSelector'),
    ...given(query, 'fieldSelector'),
    ...given(query, 'resourceVersion'),
    ...given(query, 'resourceVersionMatch'),
    ...given(query, 'continue'),
    ...(sendInitialEvents !== undefined && { sendInitialEvents }),
    ...(allowBookmarks !== undefined && { allowBookmarks }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

const fieldValidations = ['Ignore', 'Strict', 'Warn'];

/** Options of a write; `kind` is what errors call them. */
export function writeOptionsOf(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  { applies = false }: { applies?: boolean } = {},
): WriteOptions {
  const dryRun = query.getAll('dryRun');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const fieldManager = query.get('fieldManager') ?? '';
  const force = kind === 'PatchOptions' ? parseBoolean(query, 'force') : undefined;
  const errors = [
    ...(applies && !fieldManager ? [field.required('fieldManager', 'is required for apply patch')] : []),
    ...(!applies && force !== undefined ? [field.forbiddenField('force', 'may not be specified for non-apply patch')] : []),
    ...fieldManagerErrors('fieldManager', fieldManager),
    ...(dryRun.some((value) => value !== 'All') ? [field.notSupported('dryRun', dryRun, ['All'])] : []),
    ...(fieldValidation && !fieldValidations.includes(fieldValidation)
      ? [field.notSupported('fieldValidation', fieldValidation, ['', ...fieldValidations])]
      : []),
  ];
  if (errors.length) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    ...(dryRun.length > 0 && { dryRun: true }),
    ...(fieldManager && { fieldManager }),
    ...(fieldValidation && { fieldValidation: fieldValidation as 'Ignore' }),
    ...(force && { force: true }),
  };
}

export const tooManyPatchOperations = (count: number): StatusError =>
  new StatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: The allowed maximum operations in a JSON patch is 10000, got ${count}`,
  });
