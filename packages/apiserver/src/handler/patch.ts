// PATCH: JSON patches, merge patches, strategic merge patches, and configurations that are applied.
import { conflict, field, invalidObject, jsonPatch, mergePatch, StatusError } from '@steersman/api';
import type { PatchType, ResourcePath, WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { nameMismatch } from '../registry/resource.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import type { RequestContext } from '../request/request-context.js';
import { keepReset, report } from './decode-body.js';
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

export const unsupportedPatch = (accepted: readonly string[]): StatusError =>
  new StatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  });

const acceptedTypes = ({ codec }: ResourceDefinition): readonly string[] =>
  codec.strategicMerge ? patchTypes : patchTypes.filter((one) => !one.includes('strategic'));

export interface Patch {
  readonly type: PatchType;
  readonly patch: unknown;
}

export async function patchObject(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  { type, patch, options }: Patch & { options: WriteOptions },
): Promise<Answer> {
  const target = findTarget(tools, path, context);
  const part = partOf(target, path);
  checkVerb(target, 'patch', path);
  authorize(tools, context, 'patch', path);
  const write = writeOf(tools, context, { target, path, options });
  const transform = async (current: ApiObject | undefined): Promise<ApiObject> => {
    const object = patchedObject(write, current && asServed(target, current), { type, patch });
    checkResult(object, { target, path, type, isNew: !current });
    return toStored(target, object);
  };
  return change(tools, context, { target, path, part, options, transform, creates: type === applyType ? 'always' : 'never' });
}

/** What a patch makes of an object: decoded, defaulted, with its managers. Only a configuration can do without a current object. */
export function patchedObject(write: TrackedWrite, current: ApiObject | undefined, { type, patch }: Patch): ApiObject {
  const { definition } = write.served;
  const accepted = acceptedTypes(definition);
  if (!accepted.includes(type)) throw unsupportedPatch(accepted);
  if (type === applyType) return appliedObject(write, current, patch);
  if (!current) throw new Error('a patch has nothing to start from');
  const patched = patchedValue(definition, current, { type, patch });
  const { object, problems } = definition.codec.decode(patched);
  report(problems, definition, write);
  keepReset(patched, object);
  definition.codec.applyDefaults(object);
  trackFields(write, current, object);
  return object;
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
    if (error instanceof StatusError) throw notTyped(write.served, applied, error.message.replace(/^.* cannot be handled as a \w+: /, ''));
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
