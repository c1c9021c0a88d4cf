// What changed between two versions of an object, as sets of fields.
import { deepEqual } from '../clone.js';
import type { ListSchema, Schema } from '../schema/schema.js';
import { exclude, type FieldPattern, type FieldSet, fieldSetOf, hasSelf, leaf, matching, self } from './field-set.js';
import { allFields } from './fields-of.js';
import { fieldElement, itemElement } from './path-element.js';
import { isEmptyValue, isGranularList, isGranularMap, isMap, type Json, schemaOfField } from './shape.js';

/** No field is in two of these. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

type Change = keyof Comparison;

/** The changes below one value; a part that is missing has none. */
type Changes = { [Key in Change]?: FieldSet };

export const unchanged: Comparison = { added: leaf, modified: leaf, removed: leaf };

/** Which changes nobody is to own, because a strategy undoes them. */
export interface ResetFields {
  readonly excluded?: FieldSet;
  readonly included?: FieldPattern;
}

export function withoutReset(set: FieldSet, { excluded, included }: ResetFields): FieldSet {
  const kept = excluded ? exclude(set, excluded) : set;
  return included ? matching(kept, included) : kept;
}

/** Compares two values of one schema. Throws an ElementError where a list has items that cannot be told apart. */
export function compareFields(schema: Schema, before: unknown, after: unknown): Comparison {
  const changes = compareValues(schema, before, after);
  return changes ? { ...unchanged, ...changes } : unchanged;
}

const unownedAtRoot: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
const unownedMetadata: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);

/** What nobody owns in any object. */
export const unownedFields: FieldSet = fieldSetOf(
  ...[...unownedAtRoot].map((name) => [fieldElement(name)]),
  ...[...unownedMetadata].map((name) => ['f:metadata', fieldElement(name)]),
);

/** Compares two objects in what can be owned of them; what strategies undo is left out. */
export function compareObjects(schema: Schema, before: unknown, after: unknown, reset: ResetFields): Comparison {
  const [old, next] = [before as Json, after as Json];
  const collected = new Collected();
  const isSkipped = (name: string): boolean => unownedAtRoot.has(name) || isWhole(reset.excluded?.[fieldElement(name)]);
  collectFields(collected, schema, [old, next], isSkipped);
  if (old['metadata'] !== next['metadata']) {
    const metadata = new Collected();
    const inner = schemaOfField(schema, 'metadata') ?? { kind: 'any' };
    collectFields(metadata, inner, [(old['metadata'] ?? {}) as Json, (next['metadata'] ?? {}) as Json], (name) => unownedMetadata.has(name));
    collected.addAll('f:metadata', metadata.changes);
  }
  if (!collected.changes) return unchanged;
  const { added = leaf, modified = leaf, removed = leaf } = collected.changes;
  return { added: withoutReset(added, reset), modified: withoutReset(modified, reset), removed: withoutReset(removed, reset) };
}

const isWhole = (part: FieldSet | undefined): boolean => part !== undefined && hasSelf(part);

function compareValues(schema: Schema, before: unknown, after: unknown): Changes | undefined {
  if (before === after) return undefined;
  if (schema.kind === 'any' && isMap(before) !== isMap(after)) return compareSorts(before, after);
  const nothingIn = isEmptyValue(before) && isEmptyValue(after);
  if (!nothingIn && isGranularMap(schema, before)) return compareMaps(schema, isMap(before) ? before : {}, isMap(after) ? after : {});
  if (deepEqual(before, after)) return undefined;
  if (!nothingIn && isGranularList(schema)) return compareLists(schema, Array.isArray(before) ? before : [], Array.isArray(after) ? after : []);
  return { modified: leaf };
}

/** A deduced value that turns from a map into something else, or back. */
function compareSorts(before: unknown, after: unknown): Changes {
  const [change, map] = isMap(before) ? (['removed', before] as const) : (['added', after] as const);
  const { [self]: _, ...below } = allFields({ kind: 'any' }, map) as Record<string, FieldSet>;
  return { [change]: below, modified: leaf };
}

function compareMaps(schema: Schema, before: Json, after: Json): Changes | undefined {
  const collected = new Collected();
  collectFields(collected, schema, [before, after]);
  return collected.changes;
}

function collectFields(collected: Collected, schema: Schema, [before, after]: readonly [Json, Json], isSkipped?: (name: string) => boolean): void {
  for (const name in before) {
    const old = before[name];
    const next = after[name];
    if (old === undefined || old === next || isSkipped?.(name)) continue;
    const inner = schemaOfField(schema, name) ?? { kind: 'any' };
    if (next === undefined) collected.add('removed', fieldElement(name), allFields(inner, old));
    else collected.addAll(fieldElement(name), compareValues(inner, old, next));
  }
  for (const name in after) {
    const next = after[name];
    if (next === undefined || before[name] !== undefined || isSkipped?.(name)) continue;
    collected.add('added', fieldElement(name), allFields(schemaOfField(schema, name) ?? { kind: 'any' }, next));
  }
}

function compareLists(schema: ListSchema, before: readonly unknown[], after: readonly unknown[]): Changes | undefined {
  const collected = new Collected();
  const olds = itemsByElement(schema, before);
  const news = itemsByElement(schema, after);
  for (const [element, items] of olds) compareItems(schema, element, { items, others: news.get(element) ?? [], collected });
  for (const [element, others] of news) if (!olds.has(element)) compareItems(schema, element, { items: [], others, collected });
  return collected.changes;
}

interface Items {
  readonly items: readonly unknown[];
  readonly others: readonly unknown[];
  readonly collected: Collected;
}

/** Items of one element; several of them in one list count as one leaf. */
function compareItems(schema: ListSchema, element: string, { items, others, collected }: Items): void {
  if (items.length > 1 && others.length > 1) {
    if (!deepEqual(items, others)) collected.add('modified', element, leaf);
    return;
  }
  if (items.length === 1 && others.length === 1) {
    collected.addAll(element, compareValues(schema.items, items[0], others[0]));
    return;
  }
  if (items.length > 0) collected.add('removed', element, items.length > 1 ? leaf : allFields(schema.items, items[0]));
  if (others.length > 0) collected.add('added', element, others.length > 1 ? leaf : allFields(schema.items, others[0]));
}

function itemsByElement(schema: ListSchema, list: readonly unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of list) {
    const element = itemElement(schema, item);
    const same = found.get(element);
    if (same) same.push(item);
    else found.set(element, [item]);
  }
  return found;
}

/** Gathers the changes of fields or items into those of what holds them. */
class Collected {
  changes: Changes | undefined;

  add(change: Change, element: string, fields: FieldSet): void {
    this.changes ??= {};
    this.changes[change] ??= {};
    (this.changes[change] as Record<string, FieldSet>)[element] = fields;
  }

  addAll(element: string, changes: Changes | undefined): void {
    if (!changes) return;
    if (changes.added) this.add('added', element, changes.added);
    if (changes.modified) this.add('modified', element, changes.modified);
    if (changes.removed) this.add('removed', element, changes.removed);
  }
}
