// Lists that are sets or maps: no element, and no key, stands in them twice.
import { type FieldError, field } from '@steersman/api';
import { child, index, key } from './field-path.js';
import { isRecord, itemsOf, type Json, listKeysOf, listTypeOf, propertyOf, type SchemaNode, valuesOf } from './schema-node.js';

/** The elements of sets and maps below an object that occurred before. */
export function validateListTypes(object: Json, schema: SchemaNode | undefined, path = ''): FieldError[] {
  if (!schema) return [];
  const values = valuesOf(schema);
  return Object.entries(object).flatMap(([name, value]) => {
    const property = propertyOf(schema, name);
    return [...(values ? validateValue(value, values, key(path, name)) : []), ...(property ? validateValue(value, property, child(path, name)) : [])];
  });
}

function validateValue(value: unknown, schema: SchemaNode, path: string): FieldError[] {
  if (Array.isArray(value)) return validateList(value, schema, path);
  return isRecord(value) ? validateListTypes(value, schema, path) : [];
}

function validateList(list: readonly unknown[], schema: SchemaNode, path: string): FieldError[] {
  const items = itemsOf(schema);
  const type = listTypeOf(schema);
  const own = type === 'set' ? setErrors(list, path) : type === 'map' ? mapErrors(list, listKeysOf(schema), path) : [];
  return [...own, ...(items ? list.flatMap((item, position) => validateValue(item, items, index(path, position))) : [])];
}

/** The position of each value's second occurrence. */
function repeated(values: readonly unknown[]): number[] {
  const counts = new Map<string, number>();
  return values.flatMap((value, position) => {
    const text = canonical(value);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return count === 2 ? [position] : [];
  });
}

/** JSON with its keys in order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`)
    .join(',')}}`;
}

const setErrors = (list: readonly unknown[], path: string): FieldError[] =>
  repeated(list).map((position) => field.duplicate(index(path, position), list[position]));

function mapErrors(list: readonly unknown[], keys: readonly string[], path: string): FieldError[] {
  const odd = list.findIndex((item) => item !== null && !isRecord(item));
  if (odd >= 0) return [field.invalid(index(path, odd), list[odd], 'must be an object for an array of list-type map')];
  const found = list.map((item) => keyOf(item as Json | null, keys));
  return repeated(found).map((position) => field.duplicate(index(path, position), found[position]));
}

/** What tells an element of a keyed list from the others. */
export const keyOf = (item: Json | null, keys: readonly string[]): Json =>
  Object.fromEntries(keys.filter((name) => item?.[name] !== undefined).map((name) => [name, item?.[name]]));

/** The element of a keyed list that has the same key. */
export function sameKey(list: readonly unknown[], item: unknown, keys: readonly string[]): unknown {
  if (!isRecord(item)) return undefined;
  const wanted = canonical(keyOf(item, keys));
  return list.find((one) => isRecord(one) && canonical(keyOf(one, keys)) === wanted);
}
