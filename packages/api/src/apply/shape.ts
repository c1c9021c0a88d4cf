// How a value is taken apart for ownership: by its schema, and where that is silent (`any`) by what the value is. Deduced maps
// have an owner a field, deduced lists one owner.
import type { ListSchema, Schema } from '../schema/schema.js';

export type Json = Record<string, unknown>;

const deduced: Schema = { kind: 'any' };

export const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether the fields of such a value have owners of their own. */
export function isGranularMap(schema: Schema, value: unknown): boolean {
  switch (schema.kind) {
    case 'object':
    case 'map':
      return !schema.atomic;
    case 'any':
      return isMap(value);
    default:
      return false;
  }
}

/** Whether the items of such a list have owners of their own. */
export const isGranularList = (schema: Schema): schema is ListSchema => schema.kind === 'list' && schema.listType !== 'atomic';

/** The schema of a field; undefined where the field is unknown. */
export function schemaOfField(schema: Schema, name: string): Schema | undefined {
  switch (schema.kind) {
    case 'object':
      return schema.fields.get(name)?.schema ?? schema.others;
    case 'map':
      return schema.values;
    default:
      return deduced;
  }
}

/** Whether the field is one of a struct; keys of maps are fields only while they are there. */
export const isDeclared = (schema: Schema, name: string): boolean => schema.kind === 'object' && schema.fields.has(name);

/** Nothing to take apart: null or without fields or items. */
export function isEmptyValue(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object') return false;
  for (const _ in value) return false;
  return true;
}
