// Query parameters of API requests, parsed once into options; malformed ones are refused in upstream's words.
import { badRequest, field, fieldManagerErrors, invalidObject, StatusError } from '@steersman/api';
import type { WriteOptions } from '@steersman/client';
import type { ListRequest } from '../handler/read.js';
import type { WatchRequest } from '../handler/watch.js';

const parseInteger = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
};

const parseBoolean = (query: URLSearchParams, name: string): boolean | undefined => {
  const text = query.get(name);
  if (text === null) return undefined;
  return text !== 'false' && text !== '0';
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

/** DeleteOptions of a body and query; the body wins. */
export function deleteOptionsOf(body: Record<string, unknown> | undefined, query: URLSearchParams): Record<string, unknown> {
  if (body) {
    const { kind, apiVersion } = body as { kind?: string; apiVersion?: string };
    if (kind && kind !== 'DeleteOptions')
      throw badRequest(
        `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? 'v1')} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
      );
    const grace = body['gracePeriodSeconds'];
    if (grace !== undefined && grace !== null && typeof grace !== 'number')
      throw badRequest(`json: cannot unmarshal ${typeof grace} into Go struct field DeleteOptions.gracePeriodSeconds of type int64`);
  }
  const grace = parseInteger(query, 'gracePeriodSeconds');
  const orphan = parseBoolean(query, 'orphanDependents');
  const policy = query.get('propagationPolicy');
  const dryRun = query.getAll('dryRun').filter(Boolean);
  const merged: Record<string, unknown> = {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(orphan !== undefined && { orphanDependents: orphan }),
    ...(policy && { propagationPolicy: policy }),
    ...(dryRun.length && { dryRun }),
    ...body,
  };
  const asked = merged['dryRun'] as string[] | undefined;
  if (asked?.some((value) => value !== 'All'))
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
      { field: 'dryRun', reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(asked)}: supported values: "All"` },
    ]);
  for (const key of Object.keys(merged)) if (merged[key] === null) delete merged[key];
  return merged;
}

export const tooManyPatchOperations = (count: number): StatusError =>
  new StatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: The allowed maximum operations in a JSON patch is 10000, got ${count}`,
  });
