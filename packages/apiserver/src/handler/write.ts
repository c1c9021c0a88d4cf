// POST and PUT of whole objects and of their status; what all changes of objects have in common.
import { badRequest, clone, conflict, invalidObject, notFound, pathNotFound } from '@steersman/api';
import type { ResourcePath, WriteOptions } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import type { Resource } from '../registry/resource.js';
import { nameMismatch, otherNamespace } from '../registry/write-errors.js';
import type { RequestContext } from '../request/request-context.js';
import { decodeBody } from './decode-body.js';
import { type TrackedWrite, trackFields } from './field-tracking.js';
import { type Answer, answerWith, authorize, checkVerb, findTarget, type HandlerTools, type RequestBody, type Target } from './handler-tools.js';

/** An object in the version of the request as it is stored. Throws 422 where it breaks a rule that this version alone has. */
export function toStored({ served, stored }: Target, object: ApiObject, old?: ApiObject): ApiObject {
  const { conversion, codec } = served.definition;
  if (!conversion) return object;
  if (conversion.hasOwnRules) {
    const errors = old ? codec.validateUpdate(object, old, []) : codec.validateCreate(object);
    if (errors.length)
      throw invalidObject({ group: stored.groupResource.group, kind: served.definition.info.kind }, object.metadata.name ?? '', errors);
  }
  return conversion.toStored(object);
}

export const asServed = ({ served }: Target, object: ApiObject): ApiObject => served.definition.conversion?.fromStored(object) ?? object;

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
  const given = decodeBody(body, target.served.definition, { context, options });
  trackFields({ tools, served: target.served, context, options }, undefined, given);
  if (path.namespace && !given.metadata.namespace) given.metadata = { ...given.metadata, namespace: path.namespace };
  const object = toStored(target, given);
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
    throw otherNamespace();
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
  const given = decodeBody(body, target.served.definition, { context, options });
  checkNames(given, path);
  const write = writeOf(tools, context, { target, path, options });
  const transform = async (current: ApiObject | undefined): Promise<ApiObject> => {
    const next = clone(given);
    if (current) checkUid(target.stored, next, current);
    const shown = current && asServed(target, current);
    trackFields(write, shown, next);
    return toStored(target, next, shown);
  };
  return change(tools, context, { target, path, part, options, transform, creates: 'as the kind allows' });
}

export const writeOf = (
  tools: HandlerTools,
  context: RequestContext,
  { target, path, options }: { target: Target; path: ResourcePath; options: WriteOptions },
): TrackedWrite => ({ tools, served: target.served, context, options, subresource: path.subresource });

/** A PUT that names another uid means another object. */
function checkUid(resource: Resource, { metadata: { uid } }: ApiObject, { metadata }: ApiObject): void {
  if (!uid || uid === metadata.uid) return;
  const name = metadata.name ?? '';
  const key = resource.keyOf(metadata.namespace, name).replace(/^\/registry/, '');
  throw conflict(
    resource.groupResource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
  );
}

/** Whether the path is the object itself or its status; other subresources are not for this handler. */
export function partOf({ served }: Target, { subresource }: ResourcePath): 'object' | 'status' {
  if (subresource === undefined) return 'object';
  if (subresource === 'status' && served.definition.hasStatus) return 'status';
  throw pathNotFound();
}

export function checkNames(given: ApiObject, path: ResourcePath): void {
  const { name, namespace } = given.metadata;
  if (!name) throw badRequest(`the name of the object (${path.name} based on URL) was undeterminable: name must be provided`);
  if (name !== path.name) throw nameMismatch(name, path.name ?? '');
  if (namespace && path.namespace && namespace !== path.namespace) throw otherNamespace();
}

interface Change {
  readonly target: Target;
  readonly path: ResourcePath;
  readonly part: 'object' | 'status';
  readonly options: WriteOptions;
  readonly transform: (current: ApiObject | undefined) => Promise<ApiObject>;
  /** Whether an object that is not there is made. */
  readonly creates: 'never' | 'as the kind allows' | 'always';
}

export async function change(
  tools: HandlerTools,
  context: RequestContext,
  { target, path, part, options, transform, creates }: Change,
): Promise<Answer> {
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
      createsAlways: creates === 'always',
      ...(creates !== 'never' && {
        createOnUpdate: async (object: ApiObject) => {
          if (part === 'status') throw creates === 'always' ? notFound(resource.groupResource, path.name ?? '') : pathNotFound();
          authorize(tools, context, 'create', path);
          await tools.admission.mutate({ ...base, operation: 'CREATE', object });
        },
      }),
    },
  );
  return answerWith(created ? 201 : 200, target, object);
}
