// The managers of an object: who owns which of its fields, in which version of the API; managedFields is how they are written.
import { deepEqual } from '../clone.js';
import type { ManagedFieldsEntry } from '../gen/types.js';
import { type FieldSet, isEmptySet, leaf, parseFieldSet, settle, union } from './field-set.js';

export type Operation = 'Apply' | 'Update';

export interface Manager {
  readonly manager: string;
  readonly operation: Operation;
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fields: FieldSet;
}

/** By identity. */
export type Managers = ReadonlyMap<string, Manager>;

type Named = Omit<Manager, 'fields' | 'time'>;

/** What makes two entries the same manager: appliers are one for all versions. */
export const identityOf = ({ manager, operation, apiVersion, subresource = '' }: Named): string =>
  `${manager}\0${operation}\0${operation === 'Update' ? apiVersion : ''}\0${subresource}`;

/** Reads what the server itself has written. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const manager = managerOf(entry, (entry.fieldsV1 ?? leaf) as FieldSet);
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

/** Reads what came in a request; undefined where it is malformed. */
export function parseManagers(entries: readonly ManagedFieldsEntry[]): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of entries) {
    if ((entry.operation !== 'Apply' && entry.operation !== 'Update') || !entry.apiVersion || entry.fieldsType !== 'FieldsV1') return undefined;
    const fields = parseFieldSet(entry.fieldsV1 ?? {});
    if (!fields) return undefined;
    const manager = managerOf(entry, fields);
    managers.set(identityOf(manager), manager);
  }
  return managers;
}

const managerOf = ({ manager, operation, apiVersion, subresource, time }: ManagedFieldsEntry, fields: FieldSet): Manager => ({
  manager: manager ?? '',
  operation: operation as Operation,
  apiVersion: apiVersion ?? '',
  ...(subresource && { subresource }),
  ...(time && { time }),
  fields,
});

/** How the managers are written: appliers first, then by time and name. */
export function writeManagers(managers: Managers): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].sort(inWrittenOrder).map(({ manager, operation, apiVersion, subresource, time, fields }) => ({
    ...(manager && { manager }),
    operation,
    apiVersion,
    ...(time && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: Object.isFrozen(fields) && !isEmptySet(fields) ? fields : settle(fields),
    ...(subresource && { subresource }),
  }));
}

function inWrittenOrder(a: Manager, b: Manager): number {
  for (const field of ['operation', 'time', 'manager', 'apiVersion', 'subresource'] as const) {
    const [mine, theirs] = [a[field] ?? '', b[field] ?? ''];
    if (mine !== theirs) return mine < theirs ? -1 : 1;
  }
  return 0;
}

/** Whether both say the same, whenever they say it was. */
export function sameButTimes(a: readonly ManagedFieldsEntry[] | undefined, b: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (a === b) return true;
  if (a?.length !== b?.length) return false;
  return (a ?? []).every(({ time: _, ...entry }, index) => {
    const { time: __, ...other } = b![index]!;
    return deepEqual(entry, other);
  });
}

/** More managers by updates than this are not kept apart. */
const maxUpdateManagers = 10;
const ancient = 'ancient-changes';

/** Joins the oldest updates of a version into one manager, until there are few enough. */
export function cappedManagers(managers: Managers): Managers {
  const updates = [...managers].filter(([, { operation }]) => operation === 'Update');
  if (updates.length <= maxUpdateManagers) return managers;
  updates.sort(([idA, a], [idB, b]) => compareText(a.time ?? '', b.time ?? '') || compareText(idA, idB));
  const result = new Map(managers);
  const firstOf = new Map<string, string>();
  let left = updates.length;
  for (const [id, update] of updates) {
    if (left <= maxUpdateManagers) break;
    const first = firstOf.get(update.apiVersion);
    if (first === undefined) {
      firstOf.set(update.apiVersion, id);
      continue;
    }
    joinInto(result, { first, id, update });
    left--;
  }
  return result;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function joinInto(managers: Map<string, Manager>, { first, id, update }: { first: string; id: string; update: Manager }): void {
  const named: Named = { manager: ancient, operation: 'Update', apiVersion: update.apiVersion };
  const bucket = identityOf(named);
  const known = managers.get(bucket) ?? managers.get(first)!;
  if (!managers.has(bucket)) managers.delete(first);
  managers.delete(id);
  managers.set(bucket, { ...named, ...(update.time && { time: update.time }), fields: union(update.fields, known.fields) });
}

/** The managers with one set to these fields, or gone where it has none. */
export function withManager(managers: Managers, manager: Manager): Managers {
  const result = new Map(managers);
  if (isEmptySet(manager.fields)) result.delete(identityOf(manager));
  else result.set(identityOf(manager), manager);
  return result;
}
