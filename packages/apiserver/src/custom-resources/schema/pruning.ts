// Pruning: fields that the schema of a custom resource does not know are dropped, and told of.

import { child, index } from './field-path.js';
import {
  asResource,
  fieldOf,
  hasValues,
  isEmbedded,
  isRecord,
  itemsOf,
  type Json,
  metaFields,
  preservesUnknown,
  propertyOf,
  type SchemaNode,
  valuesOf,
} from './schema-node.js';

/** Drops what the schema does not know from an object, in place; gives back the paths of what was dropped, sorted. */
export function pruneObject(object: unknown, schema: SchemaNode | undefined): string[] {
  return pruneValue(object, asResource(schema));
}

/** The same for a value that is no object of its own. */
export function pruneValue(value: unknown, schema: SchemaNode | undefined): string[] {
  const dropped: string[] = [];
  prune(value, schema, '', dropped);
  return dropped.sort();
}

function prune(value: unknown, schema: SchemaNode | undefined, path: string, dropped: string[]): void {
  if (schema && preservesUnknown(schema)) prunePreserved(value, schema, path, dropped);
  else if (Array.isArray(value)) for (const [position, item] of value.entries()) prune(item, itemsOf(schema), index(path, position), dropped);
  else if (isRecord(value)) pruneFields(value, schema, path, dropped);
}

function pruneFields(value: Json, schema: SchemaNode | undefined, path: string, dropped: string[]): void {
  for (const name of Object.keys(value)) {
    if (schema && isEmbedded(schema) && metaFields.has(name)) continue;
    const property = propertyOf(schema, name);
    if (property) prune(value[name], property, child(path, name), dropped);
    else if (schema && hasValues(schema)) prune(value[name], valuesOf(schema), child(path, name), dropped);
    else {
      if (!metaFields.has(name) || path) dropped.push(child(path, name));
      delete value[name];
    }
  }
}

/** Where unknown fields are kept, only what the schema does describe is looked into. */
function prunePreserved(value: unknown, schema: SchemaNode, path: string, dropped: string[]): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items) for (const [position, item] of value.entries()) prunePreserved(item, items, index(path, position), dropped);
    return;
  }
  if (!isRecord(value)) return;
  for (const name of Object.keys(value)) {
    if (isEmbedded(schema) && metaFields.has(name)) continue;
    const property = propertyOf(schema, name);
    if (property) prune(value[name], property, child(path, name), dropped);
    else if (hasValues(schema)) prune(value[name], valuesOf(schema), child(path, name), dropped);
  }
}

/** Drops nulls that the schema neither allows nor replaces by a default, in place. */
export function pruneNulls(value: unknown, schema: SchemaNode | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) pruneNulls(item, itemsOf(schema));
    return;
  }
  if (!isRecord(value)) return;
  for (const name of Object.keys(value)) {
    const field = fieldOf(schema, name);
    if (value[name] === null && field && !field.nullable && field.default === undefined) delete value[name];
    else pruneNulls(value[name], field);
  }
}
