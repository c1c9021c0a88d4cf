// The fields of a value: those that a configuration speaks for when it is applied, and those that come into being with a value.
import type { ListSchema, Schema } from '../schema/schema.js';
import { type FieldSet, isEmptySet, leaf, self, withSelf } from './field-set.js';
import { fieldElement, itemElement } from './path-element.js';
import { isDeclared, isEmptyValue, isGranularList, isGranularMap, isMap, type Json, schemaOfField } from './shape.js';

type Draft = Record<string, FieldSet>;

/** What an applied configuration owns: its leaves and list items, without the structs that hold them. */
export const appliedFields = (schema: Schema, value: unknown): FieldSet => {
  const fields = fieldsWithin(schema, value);
  return fields ?? leaf;
};

/** The fields below a value; `leaf` where it is one itself, undefined where it has none. */
function fieldsWithin(schema: Schema, value: unknown): FieldSet | undefined {
  if (isGranularMap(schema, value)) return isMap(value) ? mapFields(schema, value) : undefined;
  if (isGranularList(schema)) return Array.isArray(value) ? listFields(schema, value) : undefined;
  return leaf;
}

function mapFields(schema: Schema, value: Json): FieldSet | undefined {
  let result: Draft | undefined;
  for (const name in value) {
    const item = value[name];
    if (item === undefined) continue;
    const below = fieldsWithin(schemaOfField(schema, name) ?? { kind: 'any' }, item);
    const owned = item === null || (isMap(item) && isEmptyValue(item)) || !isDeclared(schema, name);
    if (!below && !owned) continue;
    result ??= {};
    result[fieldElement(name)] = owned ? withSelf(below ?? leaf) : below!;
  }
  return result;
}

function listFields(schema: ListSchema, list: readonly unknown[]): FieldSet | undefined {
  const result: Draft = {};
  for (const item of list) {
    const element = itemElement(schema, item);
    result[element] = element in result ? leaf : withSelf(fieldsWithin(schema.items, item) ?? leaf);
  }
  return isEmptySet(result) ? undefined : result;
}

/** Every field of a value that was not there before, itself included; the same for one that goes. */
export function allFields(schema: Schema, value: unknown): FieldSet {
  if (isEmptyValue(value)) return leaf;
  if (isGranularMap(schema, value)) return isMap(value) ? allMapFields(schema, value) : leaf;
  if (isGranularList(schema)) return Array.isArray(value) ? allItems(schema, value) : leaf;
  return leaf;
}

function allMapFields(schema: Schema, value: Json): FieldSet {
  const result: Draft = { [self]: leaf };
  for (const name in value) {
    const item = value[name];
    if (item !== undefined) result[fieldElement(name)] = allFields(schemaOfField(schema, name) ?? { kind: 'any' }, item);
  }
  return result;
}

function allItems(schema: ListSchema, list: readonly unknown[]): FieldSet {
  const result: Draft = { [self]: leaf };
  for (const item of list) {
    const element = itemElement(schema, item);
    result[element] = element in result ? leaf : allFields(schema.items, item);
  }
  return result;
}
