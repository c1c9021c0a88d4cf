// The schema table as OpenAPI v3 component schemas, with descriptions and Kubernetes' extensions.
// Mirrors https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
import { definition, type Field, type ObjectSchema, type Schema } from '@steersman/api';

export type JsonSchema = Record<string, unknown>;
type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const prefixes: readonly (readonly [RegExp, string])[] = [
  [/^meta\.v1\./, 'io.k8s.apimachinery.pkg.apis.'],
  [/^(api\.resource|util\.intstr|runtime|version)\./, 'io.k8s.apimachinery.pkg.'],
  [/^apiextensions\./, 'io.k8s.apiextensions-apiserver.pkg.apis.'],
  [/^apiregistration\./, 'io.k8s.kube-aggregator.pkg.apis.'],
];

/** `io.k8s.api.core.v1.Pod` for `core.v1.Pod`. */
export const fullName = (id: string): string => (prefixes.find(([pattern]) => pattern.test(id))?.[1] ?? 'io.k8s.api.') + id;

export const refTo = (id: string): JsonSchema => ({ $ref: `#/components/schemas/${fullName(id)}` });

/** Types that have a name of their own although they are scalars in JSON. */
const scalars: Readonly<Record<string, { readonly id: string; readonly schema: JsonSchema }>> = {
  quantity: {
    id: 'api.resource.Quantity',
    schema: { oneOf: [{ type: 'string' }, { type: 'number' }], description: 'Quantity is a fixed-point number, such as 500m or 1Gi.' },
  },
  time: { id: 'meta.v1.Time', schema: { type: 'string', format: 'date-time', description: 'An instant in RFC 3339, in whole seconds.' } },
  microTime: { id: 'meta.v1.MicroTime', schema: { type: 'string', format: 'date-time', description: 'An instant in RFC 3339, in microseconds.' } },
  intOrString: {
    id: 'util.intstr.IntOrString',
    schema: {
      oneOf: [{ type: 'integer' }, { type: 'string' }],
      format: 'int-or-string',
      description: 'A whole number or a string, such as 8080, http or 25%.',
    },
  },
};

const plain: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
};

const zeros: Readonly<Record<string, unknown>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 };

/** Gathers the schemas of definitions and of everything they refer to. */
export class SchemaCollector {
  readonly schemas: Record<string, JsonSchema> = {};

  constructor(
    private readonly descriptions: Descriptions,
    private readonly kindsOf: (id: string) => readonly { group: string; version: string; kind: string }[],
  ) {}

  add(id: string): JsonSchema {
    const name = fullName(id);
    if (!(name in this.schemas)) {
      this.schemas[name] = {};
      this.schemas[name] = this.objectSchema(definition(id));
    }
    return refTo(id);
  }

  private objectSchema(schema: ObjectSchema): JsonSchema {
    const { '': description } = this.descriptions[schema.id] ?? { '': '' };
    const required = [...schema.fields.values()].filter((field) => field.presence === 'always').map(({ name }) => name);
    const kinds = this.kindsOf(schema.id);
    return {
      ...(description && { description }),
      type: 'object',
      ...(required.length && { required }),
      ...(schema.fields.size && {
        properties: Object.fromEntries([...schema.fields.values()].map((field) => [field.name, this.fieldSchema(schema, field)])),
      }),
      ...(kinds.length && { 'x-kubernetes-group-version-kind': kinds }),
    };
  }

  private fieldSchema({ id }: ObjectSchema, field: Field): JsonSchema {
    const description = this.descriptions[id]?.[field.name];
    const { schema } = field;
    const shape = this.schemaOf(schema, field);
    const isRef = '$ref' in shape;
    const struct = field.presence === 'struct' || field.presence === 'omitZero';
    const zero = field.presence === 'always' ? zeros[schema.kind] : undefined;
    const fallback = field.default ?? zero;
    return {
      ...(isRef && (description || struct) ? { allOf: [shape] } : shape),
      ...(description && { description }),
      ...(fallback !== undefined ? { default: fallback } : isRef && struct && schema.kind === 'object' && { default: {} }),
      ...(field.patchMergeKey && { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
      ...(field.patchStrategy && { 'x-kubernetes-patch-strategy': field.patchStrategy }),
    };
  }

  private schemaOf(schema: Schema, field?: Field): JsonSchema {
    switch (schema.kind) {
      case 'object':
        return this.add(schema.id);
      case 'map':
        return { type: 'object', additionalProperties: this.itemSchema(schema.values), ...(schema.atomic && { 'x-kubernetes-map-type': 'atomic' }) };
      case 'list':
        return {
          type: 'array',
          items: this.itemSchema(schema.items),
          ...(schema.listType === 'map' && { 'x-kubernetes-list-map-keys': schema.keys }),
          ...((schema.listType !== 'atomic' || field?.patchStrategy === undefined) && { 'x-kubernetes-list-type': schema.listType }),
        };
      default:
        return this.scalarSchema(schema.kind);
    }
  }

  private itemSchema(schema: Schema): JsonSchema {
    const shape = this.schemaOf(schema);
    if ('$ref' in shape) return { allOf: [shape], ...(schema.kind === 'object' && { default: {} }) };
    return schema.kind in zeros ? { ...shape, default: zeros[schema.kind] } : shape;
  }

  private scalarSchema(kind: string): JsonSchema {
    const named = scalars[kind];
    if (!named) return { ...plain[kind] };
    this.schemas[fullName(named.id)] ??= named.schema;
    return refTo(named.id);
  }
}
