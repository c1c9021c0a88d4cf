// Schemas of OpenAPI v3 documents as OpenAPI v2 has them: without defaults, alternatives and what kubectl cannot cope with.
import { type JsonSchema, schemaPrefix } from './schemas.js';

const definitionPrefix = '#/definitions/';

/** Definitions that are written as alternatives in v3. */
const strings: Readonly<Record<string, JsonSchema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: 'string', format: 'int-or-string' },
};

/** A named schema of a v3 document. */
export function swaggerDefinition(name: string, schema: JsonSchema): JsonSchema {
  const { oneOf: _, ...rest } = schema;
  const string = strings[name];
  if (string) return { ...rest, ...string };
  // Fields beside others that are kept but not declared would be refused by kubectl.
  if (schema['x-kubernetes-preserve-unknown-fields'] === true)
    return { type: 'object', ...Object.fromEntries(Object.entries(schema).filter(([keyword]) => ofKinds.has(keyword))) };
  return swaggerSchema(schema);
}

/** What a schema says of its kind rather than of its fields. */
const ofKinds = new Set(['x-kubernetes-group-version-kind', 'x-kubernetes-selectable-fields']);

/** Keywords that v2 does not have. */
const dropped = new Set([
  'default',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'nullable',
  '$ref',
  'properties',
  'items',
  'additionalProperties',
  'type',
  'required',
]);

export function swaggerSchema(schema: JsonSchema): JsonSchema {
  const ref = refOf(schema);
  if (ref !== undefined) {
    const { description } = schema;
    return { ...(description !== undefined && { description }), ...extensionsOf(schema), $ref: ref.replace(schemaPrefix, definitionPrefix) };
  }
  const others = Object.entries(schema).filter(([keyword]) => !dropped.has(keyword));
  return { ...Object.fromEntries(others), ...typedParts(schema) };
}

const refOf = ({ $ref, allOf }: JsonSchema): string | undefined => {
  if (typeof $ref === 'string') return $ref;
  const [only, ...more] = Array.isArray(allOf) ? (allOf as JsonSchema[]) : [];
  return more.length === 0 && typeof only?.['$ref'] === 'string' ? only['$ref'] : undefined;
};

const extensionsOf = (schema: JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword.startsWith('x-kubernetes-')));

/** Type, fields and items; where values are not restricted to those, or may be null, nothing of them. */
function typedParts(schema: JsonSchema): JsonSchema {
  const { type, properties, items, additionalProperties } = schema;
  const isNullable = schema['nullable'] === true;
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isOpen = isNullable || keepsUnknown;
  const shown = isNullable || (keepsUnknown && type === 'object') || (type === 'array' && (isOpen || !items)) ? undefined : type;
  const required = requiredOf(schema);
  return {
    ...(shown !== undefined && { type: shown }),
    ...(required.length > 0 && { required }),
    ...(!isOpen && isObject(properties) && { properties: mapValues(properties, swaggerSchema) }),
    ...(!isOpen && isObject(items) && { items: swaggerSchema(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties: isObject(additionalProperties) ? swaggerSchema(additionalProperties) : additionalProperties,
    }),
  };
}

/** Fields that may be null cannot be asked for. */
function requiredOf({ required, properties, additionalProperties }: JsonSchema): string[] {
  if (!Array.isArray(required) || isNullable(additionalProperties)) return [];
  return (required as string[]).filter((name) => !isNullable(isObject(properties) ? properties[name] : undefined));
}

const isNullable = (schema: unknown): boolean => isObject(schema) && schema['nullable'] === true;

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

const mapValues = (object: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value as JsonSchema)]));
