// Sets of fields in the form in which managedFields keep them (FieldsV1), so that nothing is converted between the wire and
// the arithmetic: an element without anything below it is in the set; one with fields below is in it if it has a `.`.
// Sets are never changed; what an operation leaves alone is shared with its result.
import { deepFreeze } from '../clone.js';
import { compareElements, normalElement } from './path-element.js';

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

type Draft = Record<string, FieldSet>;

/** Stands for an element itself, beside those below it. */
export const self = '.';

/** An element with nothing below it; as a whole set, the one with no fields at all. */
export const leaf: FieldSet = Object.freeze({});

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the element at which this part of a set hangs is in the set itself. */
export const hasSelf = (part: FieldSet): boolean => self in part || isEmptySet(part);

/** A part of a set with the element it hangs at. */
export const withSelf = (part: FieldSet): FieldSet => (hasSelf(part) ? part : { [self]: leaf, ...part });

export function has(set: FieldSet, path: readonly string[]): boolean {
  let part: FieldSet | undefined = set;
  for (const element of path) part = part?.[element];
  return part !== undefined && path.length > 0 && hasSelf(part);
}

export function fieldSetOf(...paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), leaf),
      ),
    leaf,
  );
}

/** The fields of either set; the first itself where the second adds nothing. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  return isEmptySet(b) ? a : unionOfParts(a, b);
}

function unionOfParts(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (isEmptySet(a)) return withSelf(b);
  if (isEmptySet(b)) return withSelf(a);
  let result: Draft | undefined;
  for (const element in b) {
    const before = a[element];
    const both = before === undefined ? b[element]! : unionOfParts(before, b[element]!);
    if (both === before) continue;
    result ??= { ...a };
    result[element] = both;
  }
  return result ?? a;
}

/** The fields of both sets. */
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => commonBelow(a, b) ?? leaf;

function commonBelow(a: FieldSet, b: FieldSet): FieldSet | undefined {
  let result: Draft | undefined;
  for (const element in a) {
    const other = b[element];
    if (element === self || other === undefined) continue;
    const part = a[element]!;
    const both = hasSelf(part) && hasSelf(other);
    const below = commonBelow(part, other);
    if (!both && !below) continue;
    result ??= {};
    result[element] = both ? withSelf(below ?? leaf) : below!;
  }
  return result;
}

/** The fields of the first set that are not in the second; those below a field stay when the field itself goes. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => without(a, b, false);

/** The fields of the first set that are neither in the second nor below one of it. */
export const exclude = (a: FieldSet, b: FieldSet): FieldSet => without(a, b, true);

function without(a: FieldSet, b: FieldSet, allBelow: boolean): FieldSet {
  let result: Draft | undefined;
  for (const element in b) {
    const part = a[element];
    if (element === self || part === undefined) continue;
    const left = partWithout(part, b[element]!, allBelow);
    if (left === part) continue;
    result ??= { ...a };
    if (left) result[element] = left;
    else delete result[element];
  }
  return result ?? a;
}

function partWithout(part: FieldSet, other: FieldSet, allBelow: boolean): FieldSet | undefined {
  const goes = hasSelf(other);
  if (goes && allBelow) return undefined;
  const stays = hasSelf(part) && !goes;
  const left = isEmptySet(part) ? part : without(part, other, allBelow);
  if (left === part && stays === hasSelf(part)) return part;
  const { [self]: _, ...below } = left as Draft;
  if (isEmptySet(below)) return stays ? leaf : undefined;
  return stays ? { [self]: leaf, ...below } : below;
}

/** Which fields a filter lets through: those on the way to and below its paths; `*` is any element. */
export interface FieldPattern {
  readonly [element: string]: FieldPattern;
}

/** The fields that a pattern matches. */
export function matching(set: FieldSet, pattern: FieldPattern): FieldSet {
  const result: Draft = {};
  for (const element in set) {
    if (element === self) continue;
    const below = pattern[element] ?? pattern['*'];
    if (!below) continue;
    const part = set[element]!;
    const fields = isEmptySet(below) || isEmptySet(part) ? part : matching(part, below);
    if (!isEmptySet(fields)) result[element] = hasSelf(part) ? withSelf(fields) : fields;
    else if (hasSelf(part)) result[element] = leaf;
  }
  return result;
}

/** Visits every field: those of one level first, then those below them. */
export function visitFields(set: FieldSet, visit: (path: readonly string[]) => void, prefix: readonly string[] = []): void {
  for (const element in set) if (element !== self && hasSelf(set[element]!)) visit([...prefix, element]);
  for (const element in set) if (element !== self && !isEmptySet(set[element]!)) visitFields(set[element]!, visit, [...prefix, element]);
}

/** Sets that were written lately, by their unordered text: objects of one origin have the same, and share it. */
const settled = new Map<string, FieldSet>();
const mostSettled = 4096;

/** The set as it is written: in order, frozen, and shared with other objects that have the same. */
export function settle(set: FieldSet): FieldSet {
  const text = JSON.stringify(set);
  const found = settled.get(text);
  if (found) return found;
  const ordered = deepFreeze(inOrder(set));
  if (settled.size >= mostSettled) settled.clear();
  settled.set(text, ordered);
  return ordered;
}

/** The set with its elements sorted; the same one where they are already. */
function inOrder(set: FieldSet): FieldSet {
  const elements = Object.keys(set);
  let changed = false;
  for (let index = 1; index < elements.length && !changed; index++) changed = compareElements(elements[index - 1]!, elements[index]!) > 0;
  if (changed) elements.sort(compareElements);
  const result: Draft = {};
  for (const element of elements) {
    const part = set[element]!;
    const ordered = isEmptySet(part) ? part : inOrder(part);
    changed ||= ordered !== part;
    result[element] = ordered;
  }
  return changed ? result : set;
}

/** A field set that came in a request; undefined where it is none. Elements of an unknown sort are dropped. */
export function parseFieldSet(value: unknown): FieldSet | undefined {
  const parsed = parsePart(value);
  if (!parsed || !(self in parsed)) return parsed;
  const { [self]: _, ...fields } = parsed as Draft;
  return fields;
}

function parsePart(value: unknown): FieldSet | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const result: Draft = {};
  for (const [key, below] of Object.entries(value)) {
    if (key === self) {
      result[self] = leaf;
      continue;
    }
    const element = normalElement(key);
    if (element === 'unknown') continue;
    const part = parsePart(below ?? {});
    if (!element || !part) return undefined;
    result[element] = part;
  }
  return self in result && Object.keys(result).length === 1 ? leaf : result;
}
