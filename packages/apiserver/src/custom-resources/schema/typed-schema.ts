// The schema of a custom kind as ownership of fields sees it: what is a map, a set, a list with keys, and what is one value.
// Mirrors https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
import { definition, type Field, type ListSchema, type ObjectSchema, type Schema } from '@steersman/api';
import {
  isEmbedded,
  isIntOrString,
  itemsOf,
  listKeysOf,
  listTypeOf,
  mapTypeOf,
  metaFields,
  preservesUnknown,
  propertiesOf,
  type SchemaNode,
  valuesOf,
} from './schema-node.js';

/** Values whose schema says nothing of them are taken as they are. */
const deduced: Schema = { kind: 'any' };

/** The schema of a whole custom object. */
export const typedSchemaOf = (root: SchemaNode): Schema => objectSchema(root, true);

function typed(node: SchemaNode | undefined): Schema {
  if (!node) return deduced;
  if (isIntOrString(node)) return { kind: 'intOrString' };
  switch (node.type) {
    case 'object':
      return mapOrObject(node);
    case 'array':
      return listSchema(node);
    case 'integer':
      return { kind: 'int64' };
    case 'number':
      return { kind: 'double' };
    case 'string':
    case 'boolean':
      return { kind: node.type };
    default:
      return deduced;
  }
}

function mapOrObject(node: SchemaNode): Schema {
  const values = valuesOf(node);
  if (values) return { kind: 'map', values: typed(values), atomic: mapTypeOf(node) === 'atomic' };
  return objectSchema(node, isEmbedded(node));
}

function objectSchema(node: SchemaNode, isResource: boolean): ObjectSchema {
  const fields = new Map<string, Field>();
  const add = (name: string, schema: Schema, fallback?: unknown): unknown =>
    fields.set(name, { name, schema, presence: 'pointer', ...(fallback !== undefined && { default: fallback }) });
  if (isResource) {
    add('apiVersion', { kind: 'string' });
    add('kind', { kind: 'string' });
    add('metadata', definition('meta.v1.ObjectMeta'));
  }
  for (const [name, property] of propertiesOf(node)) if (!isResource || !metaFields.has(name)) add(name, typed(property), property.default);
  return {
    kind: 'object',
    id: '',
    typeName: '',
    goType: '',
    fields,
    atomic: mapTypeOf(node) === 'atomic',
    ...(preservesUnknown(node) && { others: deduced }),
  };
}

function listSchema(node: SchemaNode): ListSchema {
  const type = listTypeOf(node);
  return { kind: 'list', items: typed(itemsOf(node)), listType: type === 'set' || type === 'map' ? type : 'atomic', keys: listKeysOf(node) };
}
