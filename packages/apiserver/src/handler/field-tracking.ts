// Ownership of fields: the one place through which every write passes to get its managedFields, and where configurations are applied.
import {
  type Author,
  applyToObject,
  badRequest,
  kindText,
  type Managed,
  type ManagedKind,
  managedFieldsOf,
  StatusError,
  type TypedVersion,
  toTime,
} from '@steersman/api';
import type { WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { resetFieldsOf } from '../registry/reset-fields.js';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../request/request-context.js';
import type { HandlerTools } from './handler-tools.js';

/** A write of an object of this resource, or of a subresource that shows the object itself. */
export interface TrackedWrite {
  readonly tools: HandlerTools;
  readonly served: Resource;
  readonly context: RequestContext;
  readonly options: WriteOptions;
  readonly subresource?: string | undefined;
}

/** Gives an object about to be written its managedFields; both are in the version of the request. */
export function trackFields(write: TrackedWrite, live: ApiObject | undefined, next: ApiObject): void {
  const managedFields = managedFieldsOf(kindOf(write), authorOf(write), { live: live as Managed | undefined, empty: emptyOf(write.served) }, next);
  if (managedFields) next.metadata.managedFields = managedFields;
  else delete next.metadata.managedFields;
}

/** The live object, or a new one, with a configuration applied; neither pruned nor defaulted yet. */
export function applyFields(write: TrackedWrite, live: ApiObject | undefined, configuration: unknown): Managed {
  checkConfigurationKind(write.served, configuration);
  return applyToObject(
    kindOf(write),
    authorOf(write),
    { live: live as Managed | undefined, empty: emptyOf(write.served) },
    { configuration, force: write.options.force ?? false },
  );
}

function checkConfigurationKind({ definition: { info } }: Resource, configuration: unknown): asserts configuration is Record<string, unknown> {
  const { apiVersion, kind } = (configuration ?? {}) as { apiVersion?: unknown; kind?: unknown };
  const wanted = info.group ? `${info.group}/${info.version}` : info.version;
  if (apiVersion === wanted && kind === info.kind) return;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  throw badRequest(`invalid object type: ${kindText(text(apiVersion), text(kind))}`);
}

/** The 500 of a merged object that does not fit its kind after all. */
export function notTyped({ definition: { info } }: Resource, { metadata }: Managed, cause: string): StatusError {
  const version = info.group ? `${info.group}/${info.version}` : info.version;
  const name = `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
  return new StatusError({ code: 500, message: `failed to convert new typed object (${name}; ${kindText(version, info.kind)}) to object: ${cause}` });
}

export const authorOf = ({ tools, context, options, subresource }: Omit<TrackedWrite, 'served'>): Author => ({
  manager: options.fieldManager || managerOfUserAgent(context.userAgent),
  ...(subresource && { subresource }),
  time: toTime(tools.clock.now()),
});

const longestManager = 128;
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;

const programs = new Map<string, string>();
const mostPrograms = 1024;

/** The name of a program: what its user agent says before the first slash. */
function managerOfUserAgent(userAgent: string): string {
  const known = programs.get(userAgent);
  if (known !== undefined) return known;
  if (programs.size >= mostPrograms) programs.clear();
  const program = programOf(userAgent);
  programs.set(userAgent, program);
  return program;
}

function programOf(userAgent: string): string {
  let manager = '';
  let size = 0;
  for (const character of userAgent.split('/', 1)[0] ?? '') {
    if (!printable.test(character)) continue;
    size += Buffer.byteLength(character);
    if (size > longestManager) break;
    manager += character;
  }
  return manager;
}

const emptyOf = ({ definition: { codec, info } }: Resource): Managed =>
  (codec.empty ?? { apiVersion: info.group ? `${info.group}/${info.version}` : info.version, kind: info.kind, metadata: {} }) as Managed;

const kinds = new WeakMap<Resource, Map<string, ManagedKind>>();

function kindOf({ tools, served, subresource = '' }: TrackedWrite): ManagedKind {
  const known = kinds.get(served) ?? new Map<string, ManagedKind>();
  kinds.set(served, known);
  const found = known.get(subresource);
  if (found) return found;
  const made = managedKind(tools, served, subresource || undefined);
  known.set(subresource, made);
  return made;
}

/** Without a schema of its own a kind is taken as its objects are. */
const schemaOf = ({ definition: { codec } }: Resource): ManagedKind['schema'] => codec.schema ?? { kind: 'any' };

function managedKind(tools: HandlerTools, served: Resource, subresource: string | undefined): ManagedKind {
  const { info } = served.definition;
  const apiVersion = info.group ? `${info.group}/${info.version}` : info.version;
  const inVersion = (wanted: string): Resource | undefined => {
    if (wanted === apiVersion) return served;
    const [version = '', group = ''] = wanted.split('/').reverse();
    return tools.registry.find(group, version, info.resource);
  };
  return {
    apiVersion,
    schema: schemaOf(served),
    reset: resetFieldsOf(served.definition, subresource),
    inVersion(wanted): TypedVersion | undefined {
      const other = inVersion(wanted);
      return other && { schema: schemaOf(other), convert: (object) => converted(object as ApiObject, wanted, { other, inVersion }) };
    },
  };
}

/** An object in another version, by way of the stored one. */
function converted(
  object: ApiObject,
  wanted: string,
  { other, inVersion }: { other: Resource; inVersion(version: string): Resource | undefined },
): ApiObject {
  if (object.apiVersion === wanted) return object;
  // Custom versions that a webhook converts are taken for alike here.
  if (other.definition.custom) return { ...object, apiVersion: wanted };
  const stored = inVersion(object.apiVersion ?? '')?.definition.conversion?.toStored(object) ?? object;
  return other.definition.conversion?.fromStored(stored) ?? stored;
}
