// The metadata rules that hold for every kind when objects are created, changed and marked for deletion.
import { badRequest, type Clock, deepEqual, type ObjectMeta, type Random, type ResourceInfo, randomSuffix, toTime } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { otherNamespace } from './write-errors.js';

/** Longest base of a generated name, so that the suffix fits into a DNS label. */
const maxGeneratedBase = 58;

/** Puts the object into the namespace of the request. */
export function matchNamespace(object: ApiObject, info: ResourceInfo, namespace: string | undefined): void {
  const given = object.metadata.namespace;
  if (!info.namespaced) {
    if (given) throw badRequest('namespace may not be set on cluster-scoped object');
    return;
  }
  if (given && namespace && given !== namespace) throw otherNamespace();
  object.metadata = { ...object.metadata, namespace: namespace ?? given ?? '' };
}

/** A name made from its beginning. */
export const generateName = (base: string, random: Random): string => base.slice(0, maxGeneratedBase) + randomSuffix(random);

/** Gives a new object its name (where it asks for one), uid and creation time; drops what only the server sets. */
export function initialiseMetadata(object: ApiObject, { clock, random }: { clock: Clock; random: Random }): void {
  const {
    deletionTimestamp: _a,
    deletionGracePeriodSeconds: _b,
    selfLink: _c,
    resourceVersion: _d,
    ...given
  } = object.metadata as ObjectMeta & Record<string, unknown>;
  const { name, generateName: base, ...rest } = given as ObjectMeta;
  const generated = !name && base ? generateName(base, random) : name;
  object.metadata = {
    ...(generated && { name: generated }),
    ...(base && { generateName: base }),
    ...(rest.namespace && { namespace: rest.namespace }),
    uid: random.uid(),
    ...without(rest, 'uid', 'creationTimestamp', 'namespace'),
    creationTimestamp: toTime(clock.now()),
  } as ObjectMeta;
}

/** Restores what an update cannot change, as upstream does before validation. */
export function carryMetadataOver(object: ApiObject, old: ApiObject): void {
  const { metadata } = object;
  const kept = old.metadata;
  object.metadata = {
    ...without(
      metadata,
      'deletionTimestamp',
      'deletionGracePeriodSeconds',
      'selfLink',
      'generation',
      ...(metadata.managedFields?.length ? [] : ['managedFields']),
    ),
    uid: metadata.uid || kept.uid,
    ...(kept.creationTimestamp && { creationTimestamp: kept.creationTimestamp }),
    ...(kept.generateName && !metadata.generateName && { generateName: kept.generateName }),
    ...(kept.generation !== undefined && { generation: kept.generation }),
    ...(kept.deletionTimestamp && { deletionTimestamp: kept.deletionTimestamp }),
    ...(kept.deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds: kept.deletionGracePeriodSeconds }),
  } as ObjectMeta;
}

/** Owners that are named twice count once; gives back the uids that were. */
export function dropDuplicateOwners(object: ApiObject): string[] {
  const owners = object.metadata.ownerReferences ?? [];
  const doubled = owners.filter((owner, index) => owners.findIndex((one) => deepEqual(one, owner)) < index);
  if (doubled.length > 0) object.metadata = { ...object.metadata, ownerReferences: owners.filter((owner) => !doubled.includes(owner)) };
  return doubled.map(({ uid }) => uid ?? '');
}

export function without<T extends object>(object: T, ...names: string[]): T {
  const copy = { ...object } as Record<string, unknown>;
  for (const name of names) delete copy[name];
  return copy as T;
}
