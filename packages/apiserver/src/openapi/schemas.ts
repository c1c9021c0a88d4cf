// The schema table as OpenAPI v3 component schemas, with descriptions and Kubernetes' extensions.
// Mirrors https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
import { type DefinitionFacts, definition, type Field, fieldMessage, type ObjectSchema, type OpenApiFacts, type Schema } from '@steersman/api';

export type JsonSchema = Record<string, unknown>;

const prefixes: readonly (readonly [RegExp, string])[] = [
  [/^meta\.v1\./, 'io.k8s.apimachinery.pkg.apis.'],
  [/^(api\.resource|util\.intstr|runtime|version)\./, 'io.k8s.apimachinery.pkg.'],
  [/^apiextensions\./, 'io.k8s.apiextensions-apiserver.pkg.apis.'],
  [/^apiregistration\./, 'io.k8s.kube-aggregator.pkg.apis.'],
];

/** `io.k8s.api.core.v1.Pod` for `core.v1.Pod`. */
export const fullName = (id: string): string => (prefixes.find(([pattern]) => pattern.test(id))?.[1] ?? 'io.k8s.api.') + id;

export const schemaPrefix = '#/components/schemas/';

export const refTo = (id: string): JsonSchema => ({ $ref: schemaPrefix + fullName(id) });

const scalarNames: Readonly<Record<string, string>> = {
  quantity: 'api.resource.Quantity',
  time: 'meta.v1.Time',
  microTime: 'meta.v1.MicroTime',
  intOrString: 'util.intstr.IntOrString',
};

/** Definitions that are no objects with fields of their own. */
const opaque: Readonly<Record<string, JsonSchema>> = {
  'api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }], description: 'Quantity is a fixed-point number, such as 500m or 1Gi.' },
  'meta.v1.Time': { type: 'string', format: 'date-time', description: 'An instant in RFC 3339, in whole seconds.' },
  'meta.v1.MicroTime': { type: 'string', format: 'date-time', description: 'An instant in RFC 3339, in microseconds.' },
  'util.intstr.IntOrString': {
    oneOf: [{ type: 'integer' }, { type: 'string' }],
    format: 'int-or-string',
    description: 'A whole number or a string, such as 8080, http or 25%.',
  },
  'meta.v1.FieldsV1': { type: 'object', description: 'A set of fields as a trie: f: and a name for a field, k: and its keys for an item of a list.' },
  'meta.v1.Patch': { type: 'object', description: 'A change to an object, in one of the patch formats.' },
  'runtime.RawExtension': { type: 'object', description: 'An object of any kind.' },
  'apiextensions.v1.JSON': { description: 'Any JSON value.' },
  'apiextensions.v1.JSONSchemaPropsOrArray': { description: 'A schema, or a list of schemas.' },
  'apiextensions.v1.JSONSchemaPropsOrBool': { description: 'A schema, or true or false.' },
  'apiextensions.v1.JSONSchemaPropsOrStringArray': { description: 'A schema, or a list of names.' },
  'apiextensions.v1.CustomResourceSubresourceStatus': { type: 'object', description: 'Asks for the status subresource.' },
};

const plain: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

const zeros: Readonly<Record<string, unknown>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 };

/** What a named schema that its group's objects come in is called. */
export interface KindName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Where a schema stands: the field, and the message that its value is in protobuf, which tells what a value of any kind is. */
interface Place {
  readonly field?: Field;
  readonly message: string | undefined;
}

/** Gathers the schemas of definitions and of everything they refer to. */
export class SchemaCollector {
  readonly schemas: Record<string, JsonSchema> = {};

  constructor(
    private readonly facts: OpenApiFacts,
    private readonly kindsOf: (id: string) => readonly KindName[],
  ) {}

  add(id: string): JsonSchema {
    const name = fullName(id);
    if (!(name in this.schemas)) {
      this.schemas[name] = {};
      this.schemas[name] = opaque[id] ?? this.objectSchema(definition(id));
    }
    return refTo(id);
  }

  private objectSchema(schema: ObjectSchema): JsonSchema {
    const { '': description, ...fields } = this.facts.descriptions[schema.id] ?? {};
    const { required, keywords, ...facts }: DefinitionFacts = this.facts.definitions[schema.id] ?? {};
    const kinds = this.kindsOf(schema.id);
    const properties = [...schema.fields.values()].map((field) => {
      const shape = this.fieldSchema(schema, field, fields[field.name]);
      return [field.name, merged(shape, facts.fields?.[field.name])] as const;
    });
    return {
      ...(description && { description }),
      type: 'object',
      ...(required && { required }),
      ...(properties.length && { properties: Object.fromEntries(properties) }),
      ...(schema.atomic && { 'x-kubernetes-map-type': 'atomic' }),
      ...(kinds.length && { 'x-kubernetes-group-version-kind': kinds }),
      ...keywords,
    };
  }

  private fieldSchema({ id }: ObjectSchema, field: Field, description: string | undefined): JsonSchema {
    const { schema } = field;
    const shape = this.schemaOf(schema, { field, message: fieldMessage(id, field.name) });
    const isRef = '$ref' in shape;
    const struct = field.presence === 'struct' || field.presence === 'omitZero';
    const zero = field.presence === 'always' ? zeros[schema.kind] : undefined;
    const fallback = field.default ?? zero;
    return {
      ...(isRef ? { allOf: [shape] } : shape),
      ...(description && { description }),
      ...(fallback !== undefined ? { default: fallback } : isRef && struct && schema.kind === 'object' && { default: {} }),
      ...(field.patchMergeKey && { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
      ...(field.patchStrategy && { 'x-kubernetes-patch-strategy': field.patchStrategy }),
    };
  }

  private schemaOf(schema: Schema, { field, message }: Place): JsonSchema {
    switch (schema.kind) {
      case 'object':
        return this.add(schema.id);
      case 'map':
        return {
          type: 'object',
          additionalProperties: this.itemSchema(schema.values, message),
          ...(schema.atomic && { 'x-kubernetes-map-type': 'atomic' }),
        };
      case 'list':
        return {
          type: 'array',
          items: this.itemSchema(schema.items, message),
          ...(schema.listType === 'map' && { 'x-kubernetes-list-map-keys': schema.keys }),
          ...(field && (schema.listType !== 'atomic' || field.patchStrategy === undefined) && { 'x-kubernetes-list-type': schema.listType }),
        };
      case 'any':
        return message ? this.add(message) : { type: 'object' };
      default:
        return this.scalarSchema(schema.kind);
    }
  }

  private itemSchema(schema: Schema, message: string | undefined): JsonSchema {
    const shape = this.schemaOf(schema, { message });
    if ('$ref' in shape) return schema.kind === 'object' ? { allOf: [shape], default: {} } : shape;
    return schema.kind in zeros ? { ...shape, default: zeros[schema.kind] } : shape;
  }

  private scalarSchema(kind: string): JsonSchema {
    const name = scalarNames[kind];
    return name ? this.add(name) : { ...plain[kind] };
  }
}

/** A schema with facts put over it; null takes a keyword away. */
function merged(schema: JsonSchema, facts: JsonSchema | undefined): JsonSchema {
  if (!facts) return schema;
  const result = { ...schema };
  for (const [keyword, value] of Object.entries(facts)) {
    const before = result[keyword];
    if (value === null) delete result[keyword];
    else if (isObject(value) && isObject(before)) result[keyword] = merged(before, value);
    else result[keyword] = value;
  }
  return result;
}

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);
