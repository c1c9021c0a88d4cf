// Kinds as types of the expression language, so that expressions about their objects can be checked before there are any.
import type { JSONSchemaProps, ObjectSchema, ScalarKind, Schema } from '@steersman/api';
import { type DeclaredType, listOf, mapOf, objectOf, scalar } from '../declared-type.js';

/** Lists and maps of no known size. */
const many = 1_000_000;
const dyn = scalar('dyn');
const text = scalar('string');

const scalars: Readonly<Record<ScalarKind, DeclaredType>> = {
  string: text,
  boolean: scalar('bool'),
  int32: scalar('int'),
  int64: scalar('int'),
  double: scalar('double'),
  quantity: text,
  time: scalar('timestamp'),
  microTime: scalar('timestamp'),
  intOrString: dyn,
  bytes: scalar('bytes'),
  any: dyn,
};

/** The type of a built-in kind. */
export const kindType = (schema: ObjectSchema): DeclaredType => typeOf(schema, new Map(), new Set());

/** Every object type once, by its name; one that has itself among its fields is dynamic there. */
function typeOf(schema: Schema, known: Map<string, DeclaredType>, around: ReadonlySet<string>): DeclaredType {
  switch (schema.kind) {
    case 'object': {
      if (around.has(schema.id)) return dyn;
      const found = known.get(schema.id);
      if (found) return found;
      const within = new Set([...around, schema.id]);
      const type = objectOf(
        schema.id,
        [...schema.fields.values()].map((field) => [field.name, typeOf(field.schema, known, within)] as const),
      );
      known.set(schema.id, type);
      return type;
    }
    case 'list':
      return listOf(typeOf(schema.items, known, around), many);
    case 'map':
      return mapOf(typeOf(schema.values, known, around), many);
    default:
      return scalars[schema.kind];
  }
}

const formats: Readonly<Partial<Record<string, DeclaredType>>> = {
  byte: scalar('bytes'),
  date: scalar('timestamp'),
  'date-time': scalar('timestamp'),
  duration: scalar('duration'),
};

/** The type of a custom kind by its schema; it has the metadata of all objects. */
export function customKindType(schema: JSONSchemaProps, name: string, metadata: ObjectSchema): DeclaredType {
  const { properties = {} } = schema;
  const known = new Map<string, DeclaredType>();
  const own = Object.entries(properties).filter(([key]) => key !== 'metadata');
  const fields = own.map(([key, value]) => [key, customType(value, `${name}.${key}`)] as const);
  return objectOf(name, [['kind', text], ['apiVersion', text], ['metadata', typeOf(metadata, known, new Set())], ...fields]);
}

function customType(schema: JSONSchemaProps, name: string): DeclaredType {
  if (schema['x-kubernetes-int-or-string']) return dyn;
  switch (schema.type) {
    case 'array':
      return schema.items ? listOf(customType(schema.items as JSONSchemaProps, `${name}.items`), many) : dyn;
    case 'object':
      return customObject(schema, name);
    case 'string':
      return formats[schema.format ?? ''] ?? text;
    case 'boolean':
      return scalar('bool');
    case 'integer':
      return scalar('int');
    case 'number':
      return scalar('double');
    default:
      return dyn;
  }
}

function customObject({ additionalProperties, properties = {}, ...schema }: JSONSchemaProps, name: string): DeclaredType {
  if (additionalProperties && typeof additionalProperties === 'object')
    return mapOf(customType(additionalProperties as JSONSchemaProps, `${name}.values`), many);
  if (schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0) return dyn;
  return objectOf(
    name,
    Object.entries(properties).map(([key, value]) => [key, customType(value, `${name}.${key}`)] as const),
  );
}
