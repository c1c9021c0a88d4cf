// Merges an applied configuration into the live object: fields come together, list items by their element in the order that
// the configuration asks for as far as the live list allows.
import { memberOf, setMember } from '../clone.js';
import type { ListSchema, Schema } from '../schema/schema.js';
import { itemElement } from './path-element.js';
import { isEmptyValue, isGranularList, isGranularMap, isMap, type Json, schemaOfField } from './shape.js';

/** The live value with the configuration merged in. Neither changes; parts of both are shared. */
export function mergeApplied(schema: Schema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined || (isEmptyValue(live) && isEmptyValue(applied))) return applied;
  if (isGranularMap(schema, applied)) return mergeMaps(schema, live, applied);
  if (isGranularList(schema)) return mergeLists(schema, Array.isArray(live) ? live : [], Array.isArray(applied) ? applied : []);
  return applied;
}

function mergeMaps(schema: Schema, live: unknown, applied: unknown): unknown {
  if (!isMap(live)) return applied;
  if (!isMap(applied)) return live;
  const result: Json = { ...live };
  for (const name in applied)
    setMember(result, name, mergeApplied(schemaOfField(schema, name) ?? { kind: 'any' }, memberOf(live, name), applied[name]));
  return result;
}

interface Item {
  readonly element: string;
  readonly value: unknown;
}

const itemsOf = (schema: ListSchema, list: readonly unknown[]): Item[] => list.map((value) => ({ element: itemElement(schema, value), value }));

/** By element; one that stands several times in the live list is not merged with. */
function indexed(items: readonly Item[]): Map<string, unknown> {
  const index = new Map<string, unknown>();
  for (const { element, value } of items) index.set(element, index.has(element) ? null : value);
  return index;
}

/** Walks both lists at once. Shared items come in the order of the configuration, live ones of others stay before what followed them. */
function mergeLists(schema: ListSchema, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const [left, right] = [itemsOf(schema, live), itemsOf(schema, applied)];
  const [inLive, inApplied] = [indexed(left), indexed(right)];
  const shared = right.filter(({ element }) => inLive.has(element)).map(({ element }) => element);
  const taken = new Set<string>();
  const result: unknown[] = [];
  const takeApplied = ({ element, value }: Item): void => {
    taken.add(element);
    result.push(mergeApplied(schema.items, inLive.get(element), value));
    if (shared[0] === element) shared.shift();
  };
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const mine = left[l];
    const theirs = right[r];
    if (mine && theirs?.element === mine.element) {
      takeApplied(theirs);
      [l, r] = [l + 1, r + 1];
      continue;
    }
    if (mine && theirs && inApplied.has(mine.element) && shared.length > 0 && shared[0] !== mine.element) {
      l++;
      continue;
    }
    if (mine && !inApplied.has(mine.element)) {
      result.push(mine.value);
      l++;
      continue;
    }
    if (mine && taken.has(mine.element)) l++;
    if (theirs) {
      takeApplied(theirs);
      r++;
    }
  }
  return result;
}
