// From a request body to an object: the kind is checked, unknown and duplicate fields are reported as asked for, defaults filled in.
import { badRequest, resourceByKind, schemaOf } from '@steersman/api';
import type { WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { dropDuplicateOwners } from '../registry/object-meta.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import { jsonType, untyped } from '../request/body-parser.js';
import type { RequestContext } from '../request/request-context.js';
import type { RequestBody } from './handler-tools.js';

/** What upstream calls the table of known types in its messages. */
export const scheme = 'scheme "pkg/api/legacyscheme/scheme.go:30"';

export const internalGroup = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0]?.split('.')[0] ?? '') : 'core');

/** Throws 400 where the body is of another kind than the path. */
export function checkKind(body: Record<string, unknown>, { info, custom }: ResourceDefinition): void {
  const wantedVersion = info.group ? `${info.group}/${info.version}` : info.version;
  const { apiVersion, kind } = body as { apiVersion?: unknown; kind?: unknown };
  const given = {
    apiVersion: typeof apiVersion === 'string' && apiVersion ? apiVersion : wantedVersion,
    kind: typeof kind === 'string' && kind ? kind : info.kind,
  };
  if (given.apiVersion === wantedVersion && (given.kind === info.kind || custom)) return;
  const version = given.apiVersion.split('/').at(-1);
  const prefix = `${given.kind} in version "${version}" cannot be handled as a ${info.kind}`;
  if (custom) throw badRequest(`the API version in the data (${given.apiVersion}) does not match the expected API version (${wantedVersion})`);
  if (!resourceByKind(given.apiVersion, given.kind) && !schemaOf(given.apiVersion, given.kind))
    throw badRequest(`${prefix}: no kind "${given.kind}" is registered for version "${given.apiVersion}" in ${scheme}`);
  if (given.kind !== info.kind)
    throw badRequest(`${prefix}: converting (${version}.${given.kind}) to (${internalGroup(wantedVersion)}.${info.kind}): unknown conversion`);
  throw badRequest(`the API version in the data (${given.apiVersion}) does not match the expected API version (${wantedVersion})`);
}

/** Decodes and defaults a body. Problems become an error (Strict), warnings (Warn, as is the default) or nothing (Ignore). */
export function decodeBody(
  body: RequestBody,
  definition: ResourceDefinition,
  { context, options }: { context: RequestContext; options: WriteOptions },
): ApiObject {
  const { value } = body;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest(`couldn't get version/kind; json parse error: ${untyped(jsonType(value))}`);
  }
  // A built-in kind is known before its body is read; of a custom one, what was dropped is told first.
  if (!definition.custom) checkKind(value as Record<string, unknown>, definition);
  const { object, problems } = definition.codec.decode(value);
  report([...body.duplicates, ...(body.sorted ? problems.toSorted() : problems)], definition, { context, options });
  if (definition.custom) checkKind(value as Record<string, unknown>, definition);
  keepReset(value, object);
  const owners = dropDuplicateOwners(object);
  if (owners.length > 0)
    context.warnings.push(
      `.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${owners.join(', ')}`,
    );
  definition.codec.applyDefaults(object);
  context.audit?.requested(object);
  return object;
}

/** An empty list of managers means something, unlike other empty lists: decoding must not lose it. */
export function keepReset(value: unknown, object: ApiObject): void {
  const given = (value as { metadata?: { managedFields?: unknown } }).metadata?.managedFields;
  if (Array.isArray(given) && given.length === 0) object.metadata = { ...object.metadata, managedFields: [] };
}

const yamlProblems = 'yaml: unmarshal errors:\n';

/** A problem as warnings: those that YAML has are told line by line. */
export const warningLines = (problem: string): string[] =>
  problem.startsWith(yamlProblems)
    ? problem
        .slice(yamlProblems.length)
        .split('\n')
        .map((line) => line.trim())
    : [problem];

export function report(
  problems: readonly string[],
  { info }: Pick<ResourceDefinition, 'info'>,
  { context, options }: { context: RequestContext; options: WriteOptions },
): void {
  if (problems.length === 0 || options.fieldValidation === 'Ignore') return;
  if (options.fieldValidation === 'Strict')
    throw badRequest(`${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: strict decoding error: ${problems.join(', ')}`);
  context.warnings.push(...problems.flatMap(warningLines));
}
