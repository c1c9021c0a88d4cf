// POST, PUT and PATCH of whole objects.
import { badRequest, clone, jsonPatch, mergePatch, pathNotFound, StatusError } from '@steersman/api';
import type { PatchType, ResourcePath, WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { nameMismatch, type Resource } from '../registry/resource.js';
import type { RequestContext } from '../request/request-context.js';
import { decodeBody, report } from './decode-body.js';
import { type Answer, answerWith, authorize, checkVerb, findTarget, type HandlerTools, type RequestBody, type Target } from './handler-tools.js';

const toStored = ({ served }: Target, object: ApiObject): ApiObject => served.definition.conversion?.toStored(object) ?? object;

const asServed = ({ served }: Target, object: ApiObject): ApiObject => served.definition.conversion?.fromStored(object) ?? object;

export async function createObject(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  body: RequestBody,
  options: WriteOptions,
): Promise<Answer> {
  const target = findTarget(tools, path, context);
  checkVerb(target, 'create', path);
  authorize(tools, context, 'create', path);
  const object = toStored(target, decodeBody(body, target.served.definition, { context, options }));
  const created = await createIn(tools, target.stored, object, { context, path, dryRun: options.dryRun ?? false });
  return answerWith(201, target, created);
}

/** Creates a decoded object: admission, registry. */
export async function createIn(
  tools: HandlerTools,
  resource: Resource,
  object: ApiObject,
  { context, path, dryRun }: { context: RequestContext; path: ResourcePath; dryRun: boolean },
): ReturnType<Resource['create']> {
  const namespace = path.namespace;
  if (resource.definition.info.namespaced && object.metadata.namespace && namespace && object.metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (resource.definition.info.namespaced && namespace) object.metadata = { ...object.metadata, namespace };
  const request = {
    operation: 'CREATE' as const,
    resource,
    ...(namespace && { namespace }),
    ...(object.metadata.name && { name: object.metadata.name }),
    user: context.user,
    context,
    dryRun,
    object,
  };
  await tools.admission.mutate(request);
  return resource.create(object, { namespace, context, dryRun, check: (final) => tools.admission.validate({ ...request, object: final }) });
}

export async function updateObject(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  body: RequestBody,
  options: WriteOptions,
): Promise<Answer> {
  const target = findTarget(tools, path, context);
  const part = partOf(target, path);
  checkVerb(target, 'update', path);
  authorize(tools, context, 'update', path);
  const given = toStored(target, decodeBody(body, target.served.definition, { context, options }));
  checkNames(given, path);
  return change(tools, context, { target, path, part, options, transform: async () => clone(given), creates: true });
}

/** Whether the path is the object itself or its status; other subresources are not for this handler. */
function partOf({ served }: Target, { subresource }: ResourcePath): 'object' | 'status' {
  if (subresource === undefined) return 'object';
  if (subresource === 'status' && served.definition.hasStatus) return 'status';
  throw pathNotFound();
}

function checkNames(given: ApiObject, path: ResourcePath): void {
  const { name, namespace } = given.metadata;
  if (!name) throw badRequest(`the name of the object (${path.name} based on URL) was undeterminable: name must be provided`);
  if (name !== path.name) throw nameMismatch(name, path.name ?? '');
  if (namespace && path.namespace && namespace !== path.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

interface Change {
  readonly target: Target;
  readonly path: ResourcePath;
  readonly part: 'object' | 'status';
  readonly options: WriteOptions;
  readonly transform: (current: ApiObject | undefined) => Promise<ApiObject>;
  /** Whether an object that is not there is made. */
  readonly creates: boolean;
}

async function change(tools: HandlerTools, context: RequestContext, { target, path, part, options, transform, creates }: Change): Promise<Answer> {
  const resource = target.stored;
  const dryRun = options.dryRun ?? false;
  const base = {
    resource,
    ...(path.namespace && { namespace: path.namespace }),
    name: path.name ?? '',
    user: context.user,
    context,
    dryRun,
    ...(part === 'status' && { subresource: 'status' }),
  };
  const { object, created } = await resource.update(
    path.namespace,
    path.name ?? '',
    async (current) => {
      const next = await transform(current);
      if (current) await tools.admission.mutate({ ...base, operation: 'UPDATE', object: next, old: current });
      return next;
    },
    {
      context,
      dryRun,
      part,
      check: (final, old) => tools.admission.validate({ ...base, operation: old ? 'UPDATE' : 'CREATE', object: final, ...(old && { old }) }),
      ...(creates && {
        createOnUpdate: async (object: ApiObject) => {
          if (part === 'status') throw pathNotFound();
          authorize(tools, context, 'create', path);
          await tools.admission.mutate({ ...base, operation: 'CREATE', object });
        },
      }),
    },
  );
  return answerWith(created ? 201 : 200, target, object);
}

const builtinPatchTypes: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

export const unsupportedPatch = (accepted: readonly string[]): StatusError =>
  new StatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  });

export async function patchObject(
  tools: HandlerTools,
  context: RequestContext,
  path: ResourcePath,
  { type, patch, options }: { type: PatchType; patch: unknown; options: WriteOptions },
): Promise<Answer> {
  const target = findTarget(tools, path, context);
  const part = partOf(target, path);
  checkVerb(target, 'patch', path);
  authorize(tools, context, 'patch', path);
  const { definition } = target.served;
  const accepted = definition.codec.strategicMerge ? builtinPatchTypes : builtinPatchTypes.filter((one) => !one.includes('strategic'));
  if (!accepted.includes(type)) throw unsupportedPatch(accepted);
  if (type === 'application/apply-patch+yaml') throw unsupportedPatch(accepted.filter((one) => one !== type));
  const transform = async (current: ApiObject | undefined): Promise<ApiObject> => {
    if (!current) throw new Error('a patch has nothing to start from');
    const shown = asServed(target, current);
    const patched = applyPatch(target, { type, patch, current: shown });
    const { object, problems } = definition.codec.decode(patched);
    report(problems, definition, { context, options });
    delete object.metadata.managedFields;
    definition.codec.applyDefaults(object);
    checkPatchedNames(object, path);
    return toStored(target, object);
  };
  return change(tools, context, { target, path, part, options, transform, creates: false });
}

function checkPatchedNames(object: ApiObject, path: ResourcePath): void {
  if (object.metadata.name !== path.name) throw nameMismatch(object.metadata.name ?? '', path.name ?? '');
}

/** A patch of a body that is a kind of its own (Scale and the like): without merge keys. */
export function applyPatchTo(current: ApiObject, { type, patch }: { type: PatchType; patch: unknown }): unknown {
  if (type === 'application/json-patch+json') return jsonPatch(current, patch);
  if (type === 'application/apply-patch+yaml') throw unsupportedPatch(builtinPatchTypes.slice(0, 3));
  return mergePatch(current, patch);
}

export function applyPatch({ served }: Target, { type, patch, current }: { type: PatchType; patch: unknown; current: ApiObject }): unknown {
  switch (type) {
    case 'application/json-patch+json':
      return jsonPatch(current, patch);
    case 'application/merge-patch+json':
      return mergePatch(current, patch);
    case 'application/strategic-merge-patch+json':
      return served.definition.codec.strategicMerge?.(current, patch);
    case 'application/apply-patch+yaml':
      throw unsupportedPatch([]);
  }
}
