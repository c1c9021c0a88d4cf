// The parts of an object that a write may touch, and which of them make a difference.
import { deepEqual, sameButTimes } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import type { ResourceDefinition } from './resource-definition.js';

/** A new object starts without a status, or with an empty one where the kind always shows it. */
export function resetStatus(object: ApiObject, { emptyStatus }: ResourceDefinition): void {
  const empty = emptyStatus?.();
  if (empty === undefined) delete object['status'];
  else object['status'] = empty;
}

export const withoutVersion = (object: ApiObject): ApiObject => {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
};

/** Whether there is nothing to store: at most the times of managers differ. */
export function isUnchanged(object: ApiObject, old: ApiObject): boolean {
  const { managedFields, resourceVersion: _, ...metadata } = object.metadata;
  const { managedFields: before, resourceVersion: __, ...oldMetadata } = old.metadata;
  return deepEqual({ ...object, metadata }, { ...old, metadata: oldMetadata }) && sameButTimes(managedFields, before);
}

/** What generation counts: everything but metadata and status. */
export const desiredPart = ({ metadata: _m, status: _s, ...rest }: ApiObject): unknown => rest;

export function copyField(object: ApiObject, old: ApiObject, field: string): void {
  if (field in old) object[field] = old[field];
  else delete object[field];
}

/** The default of a status update: only the status changes, and metadata as far as upstream lets it. */
export function keepAllButStatus(object: ApiObject, old: ApiObject): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)]))
    if (field !== 'status' && field !== 'metadata') copyField(object, old, field);
  object.metadata = { ...object.metadata, ...(old.metadata.generation !== undefined && { generation: old.metadata.generation }) };
}
