// Defaults of custom resources: filled in where a field is absent, or null where null is not allowed.
import { clone } from '@steersman/api';
import { isRecord, itemsOf, propertiesOf, propertyOf, type SchemaNode, valuesOf } from './schema-node.js';

/** Fills in a value by its schema, in place. */
export function fillDefaults(value: unknown, schema: SchemaNode | undefined): void {
  if (!schema) return;
  if (Array.isArray(value)) fillList(value, itemsOf(schema));
  else if (isRecord(value)) fillObject(value, schema);
}

const replacesNull = (value: unknown, schema: SchemaNode | undefined): schema is SchemaNode =>
  value === null && schema !== undefined && !schema.nullable;

function fillList(list: unknown[], items: SchemaNode | undefined): void {
  for (const [index, item] of list.entries()) {
    if (replacesNull(item, items)) list[index] = clone(items.default ?? null);
    fillDefaults(list[index], items);
  }
}

function fillObject(object: Record<string, unknown>, schema: SchemaNode): void {
  for (const [name, property] of propertiesOf(schema)) {
    if (property.default === undefined) continue;
    if (object[name] === undefined || replacesNull(object[name], property)) object[name] = clone(property.default);
  }
  const values = valuesOf(schema);
  for (const name of Object.keys(object)) {
    const property = propertyOf(schema, name);
    if (!property && replacesNull(object[name], values)) object[name] = clone(values.default ?? null);
    fillDefaults(object[name], property ?? values);
  }
}
