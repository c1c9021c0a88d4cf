// The schema of a kind: one tree that decoding, merging, applying and OpenAPI all read. Built-in and custom kinds share it.

export type ScalarKind = 'string' | 'boolean' | 'int32' | 'int64' | 'double' | 'quantity' | 'time' | 'microTime' | 'intOrString' | 'bytes' | 'any';

/**
 * When a field is written out:
 * omitEmpty: unless zero; pointer: when set, zero or not; nullable: always, null when not set; struct: always, {} at least;
 * omitZero: unless wholly zero; nullTime: always, null when not set; always: always, zero at least.
 */
export type Presence = 'omitEmpty' | 'pointer' | 'nullable' | 'struct' | 'omitZero' | 'nullTime' | 'always';

export interface ScalarSchema {
  readonly kind: ScalarKind;
  /** The named type that error texts speak of, where it is not the plain one. */
  readonly goType?: string;
}

export interface ListSchema {
  readonly kind: 'list';
  readonly items: Schema;
  readonly listType: 'atomic' | 'set' | 'map';
  readonly keys: readonly string[];
}

export interface MapSchema {
  readonly kind: 'map';
  readonly values: Schema;
  readonly atomic: boolean;
}

export interface ObjectSchema {
  readonly kind: 'object';
  readonly id: string;
  /** `PodSpec`, for error texts. */
  readonly typeName: string;
  /** `v1.PodSpec`, for error texts. */
  readonly goType: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** Whether the object has one owner as a whole. */
  readonly atomic?: boolean;
  /** What fields beyond the declared ones hold, where they are kept (x-kubernetes-preserve-unknown-fields). */
  readonly others?: Schema;
}

export type Schema = ScalarSchema | ListSchema | MapSchema | ObjectSchema;

export interface Field {
  readonly name: string;
  readonly schema: Schema;
  readonly presence: Presence;
  readonly patchMergeKey?: string;
  readonly patchStrategy?: string;
  readonly default?: unknown;
}

const scalarTypes: Readonly<Record<ScalarKind, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  quantity: 'resource.Quantity',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  intOrString: 'intstr.IntOrString',
  bytes: '[]uint8',
  any: 'interface {}',
};

/** The type of a schema as error texts name it. */
export function goTypeOf(schema: Schema): string {
  switch (schema.kind) {
    case 'object':
      return schema.goType;
    case 'list':
      return `[]${goTypeOf(schema.items)}`;
    case 'map':
      return `map[string]${goTypeOf(schema.values)}`;
    default:
      return schema.goType ?? scalarTypes[schema.kind];
  }
}
