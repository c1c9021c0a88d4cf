// Schemas as types of the expression language: what rules may refer to, and how large it may get.
import { type DeclaredType, listOf, mapOf, objectOf, scalar } from '@steersman/cel';
import { isEmbedded, isIntOrString, itemsOf, propertiesOf, propertyOf, type SchemaNode, valuesOf } from '../schema/schema-node.js';

/** The largest request that is taken; nothing in it can be larger. */
export const maxRequestBytes = 3 * 1024 * 1024;
const maxTimeBytes = 32;
const dateBytes = 12;

const text: SchemaNode = { type: 'string' };

/** A resource's root always has its kind, version, and name, whatever its schema says. */
export function withMetadata(node: SchemaNode): SchemaNode {
  const metadata = propertyOf(node, 'metadata');
  const complete =
    propertyOf(node, 'kind')?.type === 'string' &&
    propertyOf(node, 'apiVersion')?.type === 'string' &&
    metadata?.type === 'object' &&
    propertyOf(metadata, 'name')?.type === 'string' &&
    propertyOf(metadata, 'generateName')?.type === 'string';
  if (complete) return node;
  return {
    ...node,
    properties: {
      ...node.properties,
      kind: text,
      apiVersion: text,
      metadata: { type: 'object', properties: { name: text, generateName: text } },
    },
  };
}

const atLeastZero = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.max(0, value));

/** The type of a schema's values; undefined where rules cannot refer to them. `name` tells object types apart. */
export function declaredTypeOf(node: SchemaNode, name: string, isResource: boolean): DeclaredType | undefined {
  const maxLength = atLeastZero(node.maxLength);
  if (isIntOrString(node)) return scalar('dyn', { maxElements: maxLength === undefined ? maxRequestBytes - 2 : maxLength * 4 });
  const schema = isResource ? withMetadata(node) : node;
  switch (schema.type) {
    case 'array':
      return listType(schema, name);
    case 'object':
      return valuesOf(schema) ? mapType(schema, name) : objectType(schema, name);
    case 'string':
      return textType(schema);
    case 'boolean':
      return scalar('bool');
    case 'number':
      return scalar('double');
    case 'integer':
      return scalar('int');
    default:
      return undefined;
  }
}

function listType(schema: SchemaNode, name: string): DeclaredType | undefined {
  const items = itemsOf(schema);
  const type = items && declaredTypeOf(items, `${name}.items`, isEmbedded(items));
  return type && listOf(type, atLeastZero(schema.maxItems) ?? Math.floor((maxRequestBytes - 2) / (type.minBytes + 1)));
}

function mapType(schema: SchemaNode, name: string): DeclaredType | undefined {
  const values = valuesOf(schema);
  const type = values && declaredTypeOf(values, `${name}.values`, isEmbedded(values));
  return type && mapOf(type, atLeastZero(schema.maxProperties) ?? Math.floor((maxRequestBytes - 2) / (type.minBytes + 6)));
}

function objectType(schema: SchemaNode, name: string): DeclaredType {
  const fields: [string, DeclaredType][] = [];
  let minBytes = 2;
  for (const [key, property] of propertiesOf(schema)) {
    const type = declaredTypeOf(property, `${name}.${key.replace(/\W/g, '_')}`, isEmbedded(property));
    if (!type) continue;
    fields.push([key, type]);
    if (schema.required?.includes(key) && property.default === undefined) minBytes += key.length + type.minBytes + 4;
  }
  return objectOf(name, fields, { minBytes });
}

function textType({ format, maxLength, enum: values }: SchemaNode): DeclaredType {
  const bounded = atLeastZero(maxLength);
  switch (format) {
    case 'byte':
      return scalar('bytes', { maxElements: bounded ?? maxRequestBytes - 2 });
    case 'duration':
      return scalar('duration', { maxElements: maxTimeBytes });
    case 'date':
      return scalar('timestamp', { maxElements: dateBytes, minBytes: dateBytes });
    case 'date-time':
      return scalar('timestamp', { maxElements: maxTimeBytes, minBytes: 21 });
    default:
  }
  if (bounded !== undefined) return scalar('string', { maxElements: bounded * 4 });
  if (values?.length)
    return scalar('string', { maxElements: Math.max(...values.map((one) => (typeof one === 'string' ? Buffer.byteLength(one) : 0))) });
  return scalar('string', { maxElements: maxRequestBytes - 2 });
}
