// PATCH: JSON patches, merge patches, strategic merge patches, and configurations that are applied.
import {
  conflict,
  DecodeError,
  decodeObject,
  field,
  goValue,
  groupVersion,
  invalidObject,
  jsonPatch,
  mergePatch,
  StatusError,
  schemaOf,
} from '@steersman/api';
import type { PatchType, ResourcePath, WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { dropDuplicateOwners } from '../registry/object-meta.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import { nameMismatch } from '../registry/write-errors.js';
import type { RequestContext } from '../request/request-context.js';
import { internalGroup, keepReset, report, scheme } from './decode-body.js';
import { applyFields, notTyped, type TrackedWrite, trackFields } from './field-tracking.js';
import { type Answer, authorize, checkVerb, findTarget, type HandlerTools, type Target } from './handler-tools.js';
import { asServed, change, checkNames, partOf, toStored, writeOf } from './write.js';

const applyType = 'application/apply-patch+yaml';

const patchTypes: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  applyType,
];
const customTypes = patchTypes.filter((one) => !one.includes('strategic'));

/** The 415 of a patch of another type. Custom resources say which they take. */
export const unsupportedPatch = ({ custom }: Pick<ResourceDefinition, 'custom'>): StatusError =>
  custom
    ? new StatusError({
        code: 415,
        reason: 'UnsupportedMediaType',
        message: `the body of the request was in an unknown format - accepted media types include: ${customTypes.join(', ')}`,
      })
    : new StatusError({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} });

export interface Patch {
  readonly type: PatchType;
  readonly patch: unknown;
  /** What stands twice in it. */
  readonly duplicates?: readonly string[];
}

export async function patchObject(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  { options, ...patch }: Patch & { options: WriteOptions },
): Promise<Answer> {
  const { type } = patch;
  const target = findTarget(tools, path, context);
  const part = partOf(target, path);
  checkVerb(target, 'patch', path);
  authorize(tools, context, 'patch', path);
  const write = writeOf(tools, context, { target, path, options });
  const transform = async (current: ApiObject | undefined): Promise<ApiObject> => {
    const shown = current && asServed(target, current);
    const object = patchedObject(write, shown, patch);
    const owners = dropDuplicateOwners(object);
    if (owners.length > 0)
      context.warnings.push(
        `.metadata.ownerReferences contains duplicate entries after mutating admission happens; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${owners.join(', ')}`,
      );
    checkResult(object, { target, path, type, isNew: !current });
    return toStored(target, object, shown);
  };
  return change(tools, context, { target, path, part, options, transform, creates: type === applyType ? 'always' : 'never' });
}

/** What a patch makes of an object: decoded, defaulted, with its managers. Only a configuration can do without a current object. */
export function patchedObject(write: TrackedWrite, current: ApiObject | undefined, patch: Patch): ApiObject {
  const { definition } = write.served;
  const accepted = definition.codec.strategicMerge ? patchTypes : customTypes;
  if (!accepted.includes(patch.type)) throw unsupportedPatch(definition);
  if (patch.type === applyType) return appliedObject(write, current, patch.patch);
  if (!current) throw new Error('a patch has nothing to start from');
  const object = decodePatched(write, patchedValue(definition, current, patch), patch);
  definition.codec.applyDefaults(object);
  trackFields(write, current, object);
  return object;
}

/** Decodes what came out of a patch; what is wrong with it is the patch's fault. */
function decodePatched(
  { served: { definition }, context, options }: TrackedWrite,
  patched: unknown,
  { type, patch, duplicates = [] }: Patch,
): ApiObject {
  const strategic = type === 'application/strategic-merge-patch+json';
  const refuse = (problem: string): StatusError => refusedPatch(strategic ? goValue(patch) : JSON.stringify(patched), problem);
  try {
    if (!strategic && !definition.custom) checkPatchedKind(patched, definition);
    const { object, problems } = definition.codec.decode(patched);
    const all = [...duplicates, ...problems];
    if (all.length > 0 && options.fieldValidation === 'Strict') throw new DecodeError(`strict decoding error: ${all.join(', ')}`);
    report(all, definition, { context, options });
    keepReset(patched, object);
    return object;
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error instanceof StatusError && error.status.code === 400 ? refuse(withoutPrefix(error.message)) : error;
  }
}

/** The 422 of a patch whose result is not what it should be; `shown` is the result, or the patch itself. */
export const refusedPatch = (shown: string, problem: string): StatusError =>
  invalidObject({ group: '', kind: '' }, '', [field.invalid('patch', shown, problem)]);

/** The problem that decoding had, without the words around it. */
const withoutPrefix = (message: string): string => message.replace(/^.* cannot be handled as a \w+: /, '');

/** A patch cannot make another kind of an object: what it makes is read as the kind it names, and then does not convert. */
function checkPatchedKind(patched: unknown, { info }: ResourceDefinition): void {
  const { apiVersion, kind } = patched as { apiVersion?: string; kind?: string };
  if (!apiVersion || !kind || (apiVersion === groupVersion(info) && kind === info.kind)) return;
  const schema = schemaOf(apiVersion, kind);
  if (!schema) throw new DecodeError(`no kind "${kind}" is registered for version "${apiVersion}" in ${scheme}`);
  decodeObject(schema, patched);
  const version = apiVersion.split('/').at(-1);
  throw new DecodeError(`converting (${version}.${kind}) to (${internalGroup(groupVersion(info))}.${info.kind}): unknown conversion`);
}

function patchedValue({ codec }: ResourceDefinition, current: ApiObject, { type, patch }: Patch): unknown {
  return type === 'application/strategic-merge-patch+json' ? codec.strategicMerge?.(current, patch) : plainlyPatched(current, { type, patch });
}

/** A patch of a body that is a kind of its own (Scale and the like): without merge keys. */
export function plainlyPatched(current: ApiObject, { type, patch }: Patch): unknown {
  return type === 'application/json-patch+json' ? jsonPatch(current, patch) : mergePatch(current, patch);
}

function appliedObject(write: TrackedWrite, current: ApiObject | undefined, configuration: unknown): ApiObject {
  requireManager(write.options);
  const { codec } = write.served.definition;
  const applied = applyFields(write, current, configuration);
  try {
    const { object } = codec.decode(applied);
    codec.applyDefaults(object);
    return object;
  } catch (error) {
    if (error instanceof StatusError) throw notTyped(write.served, applied, withoutPrefix(error.message));
    throw error;
  }
}

/** Clients that apply have to say who they are. */
export function requireManager({ fieldManager }: WriteOptions): void {
  if (!fieldManager)
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [field.required('fieldManager', 'is required for apply patch')]);
}

function checkResult(
  object: ApiObject,
  { target, path, type, isNew }: { target: Target; path: ResourcePath; type: PatchType; isNew: boolean },
): void {
  const { name = '', uid } = object.metadata;
  if (isNew && uid)
    throw conflict(
      target.stored.groupResource,
      path.name ?? '',
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  if (type === applyType) checkNames(object, path);
  else if (name !== path.name) throw nameMismatch(name, path.name ?? '');
}
