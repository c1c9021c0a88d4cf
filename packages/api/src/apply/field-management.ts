// Who owns what after a write: updates take the fields that they change, appliers what they apply, unless it is another's.
// Mirrors https://kubernetes.io/docs/reference/using-api/server-side-apply/
import { deepEqual } from '../clone.js';
import { type Comparison, compareObjects, unchanged, unownedFields, withoutReset } from './compare.js';
import { ApplyConflict, type Conflict } from './conflict.js';
import { difference, type FieldSet, intersection, isEmptySet, leaf, union, visitFields } from './field-set.js';
import { appliedFields } from './fields-of.js';
import type { ManagedKind, TypedVersion } from './managed-kind.js';
import { cappedManagers, identityOf, type Manager, type Managers, withManager } from './managers.js';
import { mergeApplied } from './merge.js';
import { pruned } from './prune.js';

/** Who writes, and when. */
export interface Author {
  readonly manager: string;
  readonly subresource?: string;
  readonly time: string;
}

/** The managers after an update from one version of an object to the next. */
export function managersAfterUpdate(kind: ManagedKind, managers: Managers, author: Author, [before, after]: readonly [unknown, unknown]): Managers {
  const changes = compareObjects(kind.schema, before, after, kind.reset);
  if (changes === unchanged) return managers;
  const named = managerOf(kind, author, 'Update');
  const id = identityOf(named);
  const others = managersAfterChange(kind, managers, { changes, before, after, by: id }).managers;
  const taken = union(changes.modified, changes.added);
  if (isEmptySet(taken)) return cappedManagers(others);
  return cappedManagers(withManager(others, { ...named, time: author.time, fields: union(others.get(id)?.fields ?? leaf, taken) }));
}

const managerOf = ({ apiVersion }: ManagedKind, { manager, subresource }: Author, operation: Manager['operation']): Omit<Manager, 'fields'> => ({
  manager: manager || 'unknown',
  operation,
  apiVersion,
  ...(subresource && { subresource }),
});

interface Change {
  readonly changes: Comparison;
  readonly before: unknown;
  readonly after: unknown;
  /** The manager whose change it is; what it changed it does not lose. */
  readonly by: string;
}

/** Takes what was changed or removed from everybody else; says whose fields were changed. */
function managersAfterChange(kind: ManagedKind, managers: Managers, change: Change): { managers: Managers; lost: ReadonlyMap<string, FieldSet> } {
  const byVersion = new Map<string, Comparison | undefined>([[kind.apiVersion, change.changes]]);
  const lost = new Map<string, FieldSet>();
  let result: Map<string, Manager> | undefined;
  for (const [id, manager] of managers) {
    const { apiVersion, operation } = manager;
    if (id === change.by && operation === 'Apply') continue;
    if (!byVersion.has(apiVersion)) byVersion.set(apiVersion, comparisonIn(kind.inVersion(apiVersion), kind, change));
    const changes = byVersion.get(apiVersion);
    const written = changes && id !== change.by ? intersection(manager.fields, union(changes.modified, changes.added)) : leaf;
    if (!isEmptySet(written)) lost.set(id, written);
    const left = changes && difference(difference(manager.fields, written), changes.removed);
    if (left === manager.fields && !isEmptySet(left)) continue;
    result ??= new Map(managers);
    if (left && !isEmptySet(left)) result.set(id, { ...manager, fields: left });
    else result.delete(id);
  }
  return { managers: result ?? managers, lost };
}

const comparisonIn = (version: TypedVersion | undefined, { reset }: ManagedKind, { before, after }: Change): Comparison | undefined =>
  version && compareObjects(version.schema, version.convert(before), version.convert(after), reset);

export interface Applied {
  /** The merged object; undefined where the configuration changes nothing. */
  readonly object?: unknown;
  readonly managers: Managers;
}

/** Applies a configuration that fits its schema. Throws an ApplyConflict unless forced. */
export function applyConfiguration(
  kind: ManagedKind,
  managers: Managers,
  author: Author,
  { live, configuration, force }: { live: unknown; configuration: unknown; force: boolean },
): Applied {
  const named = managerOf(kind, author, 'Apply');
  const id = identityOf(named);
  const last = managers.get(id);
  const fields = withoutReset(appliedFields(kind.schema, configuration), kind.reset);
  const claimed = new Map(managers).set(id, { ...named, ...(last?.time && { time: last.time }), fields });
  const merged = pruned(kind, claimed, { merged: mergeApplied(kind.schema, live, configuration), last });
  const changes = compareObjects(kind.schema, live, merged, kind.reset);
  const { managers: others, lost } = managersAfterChange(kind, claimed, { changes, before: live, after: merged, by: id });
  if (!force && lost.size > 0) throw new ApplyConflict(conflictsOf(managers, lost));
  const changed = !deepEqual(live, merged);
  const time = changed ? author.time : last?.time;
  return {
    managers: withManager(others, { ...named, ...(time && { time }), fields: difference(fields, unownedFields) }),
    ...(changed && { object: merged }),
  };
}

function conflictsOf(managers: Managers, lost: ReadonlyMap<string, FieldSet>): Conflict[] {
  const found: Conflict[] = [];
  for (const [id, fields] of lost) visitFields(fields, (path) => found.push({ manager: managers.get(id)!, path }));
  return found;
}
