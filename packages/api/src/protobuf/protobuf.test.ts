import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toMicroTime, toTime } from '../clock.js';
import { builtinResources } from '../gen/resources.js';
import { canonicalQuantity } from '../quantity.js';
import { groupVersion } from '../resource-info.js';
import { decodeObject } from '../schema/decode.js';
import type { ObjectSchema, Schema } from '../schema/schema.js';
import { schemaIdOf, schemaOf } from '../schema/schema-table.js';
import { decodeProtobuf } from './decode-protobuf.js';
import { encodeMessage } from './encode-protobuf.js';
import { protobufObject } from './envelope.js';

const secondsArbitrary = fc.integer({ min: -2_000_000_000, max: 4_000_000_000 });
const json = fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.constant(null)), {
  maxKeys: 2,
});

const scalars = {
  string: fc.string({ unit: 'grapheme', maxLength: 60 }),
  boolean: fc.boolean(),
  int32: fc.integer(),
  int64: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
  quantity: fc
    .tuple(fc.integer({ min: -9999, max: 9999 }), fc.constantFrom('', 'm', 'k', 'Mi', 'Gi'))
    .map(([n, unit]) => canonicalQuantity(`${n}${unit}`)),
  time: secondsArbitrary.map((seconds) => toTime(seconds * 1000)),
  microTime: fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => toMicroTime(ms)),
  intOrString: fc.oneof(fc.integer(), fc.string()),
  bytes: fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  any: json,
} as const;

const someSchema = fc.record({ type: fc.constantFrom('string', 'object'), title: fc.string({ minLength: 1 }) });

/** Fields of any value in Kubernetes' schema table whose values have a form of their own. */
const formed: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'apiextensions.v1.CustomResourceSubresources status': fc.constant({}),
  'apiextensions.v1.JSONSchemaProps items': fc.oneof(someSchema, fc.array(someSchema, { minLength: 1, maxLength: 2 })),
  'apiextensions.v1.JSONSchemaProps additionalProperties': fc.oneof(fc.boolean(), someSchema),
  'apiextensions.v1.JSONSchemaProps additionalItems': fc.oneof(fc.boolean(), someSchema),
  'apiextensions.v1.JSONSchemaProps dependencies': fc.dictionary(
    fc.string({ minLength: 1, maxLength: 4 }),
    fc.oneof(fc.array(fc.string(), { minLength: 1 }), someSchema),
    { minKeys: 1, maxKeys: 2 },
  ),
};

/** Kinds that others embed: the encoding leaves out what they are. */
const embedded = new Set(['core.v1.PersistentVolumeClaim', 'meta.v1.DeleteOptions']);

/** Values of a schema; what nests too deep is left out. */
function valuesOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.kind) {
    case 'object':
      return objectsOf(schema, depth);
    case 'list':
      return fc.array(valuesOf(schema.items, depth - 1), { minLength: 1, maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), valuesOf(schema.values, depth - 1), { minKeys: 1, maxKeys: 2 });
    default:
      return scalars[schema.kind];
  }
}

const nests = (schema: Schema): boolean =>
  schema.kind === 'object' ? schema.fields.size > 0 : schema.kind === 'list' ? nests(schema.items) : schema.kind === 'map' && nests(schema.values);

function objectsOf(schema: ObjectSchema, depth: number): fc.Arbitrary<unknown> {
  const fields = [...schema.fields.values()]
    .filter(({ schema: inner }) => depth > 0 || !nests(inner))
    .filter(({ name }) => !embedded.has(schema.id) || (name !== 'kind' && name !== 'apiVersion'));
  const values = fields.map(({ name, schema: inner }) => [name, formed[`${schema.id} ${name}`] ?? valuesOf(inner, depth - 1)] as const);
  return fc.record(Object.fromEntries(values), { requiredKeys: [] });
}

const kinds = builtinResources.flatMap((info) => [
  { apiVersion: groupVersion(info), kind: info.kind },
  ...info.subresources
    .filter(({ kind }) => !kind.endsWith('Options'))
    .map((sub) => ({ apiVersion: groupVersion({ group: sub.group ?? info.group, version: sub.version ?? info.version }), kind: sub.kind })),
]);
const unique = [...new Map(kinds.map((one) => [`${one.apiVersion} ${one.kind}`, one])).values()];

const wholeDepth = 6;

describe('protobuf', () => {
  it.each(unique)('brings back every $apiVersion $kind that it writes', ({ apiVersion, kind }) => {
    const schema = schemaOf(apiVersion, kind)!;
    const message = schemaIdOf(apiVersion, kind)!;
    const read = (value: unknown): unknown => decodeObject(schema, value);
    fc.assert(
      fc.property(objectsOf(schema, wholeDepth), (given) => {
        const object = read(given);
        const bytes = protobufObject({ apiVersion, kind }, encodeMessage(message, object));
        expect(read(decodeProtobuf(bytes, schemaIdOf))).toEqual(read({ ...(object as object), apiVersion, kind }));
      }),
      { numRuns: 15, seed: 35 },
    );
  });
});
