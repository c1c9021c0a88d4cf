// Ownership in scales: a kind of its own, whose managers are those of the replica count in the workload.
import {
  applyToObject,
  badRequest,
  DecodeError,
  decodeObject,
  groupVersion,
  kindText,
  type Managed,
  type ManagedKind,
  managedFieldsOf,
  managersOfParent,
  managersOfScale,
  type ObjectSchema,
  readManagers,
  schemaOf,
  writeManagers,
} from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { authorOf } from '../handler/field-tracking.js';
import { type Patch, plainlyPatched, refusedPatch, requireManager } from '../handler/patch.js';
import type { SubresourceRequest } from './subresource.js';

export const scaleSchema = schemaOf('autoscaling/v1', 'Scale') as ObjectSchema;

/** Where the built-in workloads have their count. */
const specReplicas: readonly string[] = ['f:spec', 'f:replicas'];

/** Ownership within a scale: of a kind of its own. */
const scaleKind: ManagedKind = {
  apiVersion: 'autoscaling/v1',
  schema: scaleSchema,
  reset: {},
  inVersion: (version) => (version === 'autoscaling/v1' ? { schema: scaleSchema, convert: (object) => object } : undefined),
};

const emptyScale = decodeObject(scaleSchema, {}) as Managed;

/** The scale with those who manage the replica count of its workload. */
export function withManagers(scale: ApiObject, workload: ApiObject, replicas = specReplicas): ApiObject {
  const managedFields = writeManagers(managersOfScale(readManagers(workload.metadata.managedFields), replicas));
  return { ...scale, metadata: { ...scale.metadata, ...(managedFields && { managedFields }) } };
}

/** The managers of the workload once its scale has been changed. */
export function managersAfter(
  { target }: SubresourceRequest,
  { metadata }: ApiObject,
  scale: ApiObject,
  replicas = specReplicas,
): Pick<ApiObject['metadata'], 'managedFields'> {
  const after = managersOfParent(readManagers(metadata.managedFields), readManagers(scale.metadata.managedFields), {
    apiVersion: groupVersion(target.served.definition.info),
    replicas,
  });
  return { managedFields: writeManagers(after) ?? [] };
}

/** The scale that is asked for, with those who manage it then. */
export function trackScale(request: SubresourceRequest, before: ApiObject, scale: ApiObject): ApiObject {
  const origin = { live: before as Managed, empty: emptyScale };
  const managedFields = managedFieldsOf(scaleKind, authorOf({ ...request, subresource: 'scale' }), origin, scale as Managed);
  return { ...scale, metadata: { ...scale.metadata, managedFields: managedFields ?? [] } };
}

function decodePatched(patched: unknown): ApiObject {
  try {
    return decodeObject(scaleSchema, patched) as ApiObject;
  } catch (error) {
    throw error instanceof DecodeError ? refusedPatch(JSON.stringify(patched), error.message) : error;
  }
}

/** The scale as a patch, or a configuration, makes it. */
export function patchedScale(request: SubresourceRequest & Patch, before: ApiObject): ApiObject {
  if (request.type !== 'application/apply-patch+yaml') return trackScale(request, before, decodePatched(plainlyPatched(before, request)));
  requireManager(request.options);
  const { apiVersion = '', kind = '' } = (request.patch ?? {}) as { apiVersion?: string; kind?: string };
  if (apiVersion !== scaleKind.apiVersion || kind !== 'Scale') throw badRequest(`invalid object type: ${kindText(apiVersion, kind)}`);
  const author = authorOf({ ...request, subresource: 'scale' });
  const configuration = request.patch as Record<string, unknown>;
  const origin = { live: before as Managed, empty: emptyScale };
  return decodeObject(scaleSchema, applyToObject(scaleKind, author, origin, { configuration, force: request.options.force ?? false })) as ApiObject;
}
