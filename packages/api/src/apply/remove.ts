// Takes fields and list items out of a value.
import { setMember } from '../clone.js';
import type { ListSchema, Schema } from '../schema/schema.js';
import { type FieldSet, hasSelf, isEmptySet, self } from './field-set.js';
import { fieldElement, itemElement } from './path-element.js';
import { isEmptyValue, isGranularList, isGranularMap, isMap, type Json, schemaOfField } from './shape.js';

/** The value without these fields; null where nothing of a list or map is left. */
export function removeFields(schema: Schema, value: unknown, fields: FieldSet): unknown {
  if (isMap(value)) return isGranularMap(schema, value) ? removeFromMap(schema, value, fields) : null;
  if (Array.isArray(value)) return isGranularList(schema) ? removeFromList(schema, value, fields) : null;
  return value;
}

const hasBelow = (part: FieldSet): boolean => !isEmptySet(part) && !(self in part && Object.keys(part).length === 1);

function removeFromMap(schema: Schema, value: Json, fields: FieldSet): Json | null {
  const result: Json = {};
  for (const name in value) {
    const part = fields[fieldElement(name)];
    if (part === undefined) setMember(result, name, value[name]);
    else if (hasSelf(part)) continue;
    else setMember(result, name, hasBelow(part) ? removeFields(schemaOfField(schema, name) ?? { kind: 'any' }, value[name], part) : value[name]);
  }
  return isEmptyValue(result) ? null : result;
}

function removeFromList(schema: ListSchema, list: readonly unknown[], fields: FieldSet): unknown[] | null {
  const result: unknown[] = [];
  for (const item of list) {
    const part = fields[itemElement(schema, item)];
    if (part === undefined) result.push(item);
    else if (!hasSelf(part)) result.push(removeFields(schema.items, item, part));
  }
  return result.length === 0 ? null : result;
}
