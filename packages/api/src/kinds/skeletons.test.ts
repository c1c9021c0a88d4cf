// Objects that have every field of their kind down to some depth, and nothing in them below that: defaults and validation take them.
import { describe, expect, it } from 'vitest';
import { builtinResources } from '../gen/resources.js';
import { groupVersion } from '../resource-info.js';
import { decodeObject } from '../schema/decode.js';
import type { Schema } from '../schema/schema.js';
import { schemaOf } from '../schema/schema-table.js';
import { applyDefaults } from './defaults.js';
import { validateCreate, validateStatusUpdate, validateUpdate } from './validation.js';
import { warningsOf } from './warnings.js';

const scalars: Readonly<Record<string, unknown>> = {
  string: 'a',
  boolean: true,
  int32: 1,
  int64: 1,
  double: 1,
  quantity: '1',
  time: '2020-01-01T00:00:00Z',
  microTime: '2020-01-01T00:00:00.000000Z',
  intOrString: 1,
  bytes: 'YQ==',
  any: {},
};

function skeleton(schema: Schema, depth: number): unknown {
  switch (schema.kind) {
    case 'object':
      return depth === 0 ? {} : Object.fromEntries([...schema.fields.values()].map((one) => [one.name, skeleton(one.schema, depth - 1)]));
    case 'list':
      return depth === 0 ? [] : [skeleton(schema.items, depth - 1)];
    case 'map':
      // A key that every object has by inheritance.
      return depth === 0 ? {} : { constructor: skeleton(schema.values, depth - 1) };
    default:
      return scalars[schema.kind];
  }
}

const kinds = builtinResources.filter(({ verbs }) => verbs.includes('create')).map((info) => [groupVersion(info), info.kind] as const);

describe('defaults and validation', () => {
  it.each(kinds)('take skeletons of %s %s', (apiVersion, kind) => {
    const schema = schemaOf(apiVersion, kind)!;
    for (let depth = 1; depth <= 9; depth++) {
      const object = decodeObject(schema, { ...(skeleton(schema, depth) as object), apiVersion, kind, metadata: { name: 'a' } }) as never;
      applyDefaults(apiVersion, kind, object);
      const old = decodeObject(schema, { apiVersion, kind, metadata: { name: 'a' } }) as never;
      applyDefaults(apiVersion, kind, old);
      for (const [now, before] of [
        [object, old],
        [old, object],
      ] as const) {
        expect(validateCreate(apiVersion, kind, now)).toBeInstanceOf(Array);
        expect(validateUpdate(apiVersion, kind, now, before)).toBeInstanceOf(Array);
        expect(validateStatusUpdate(apiVersion, kind, now, before)).toBeInstanceOf(Array);
        expect(warningsOf(apiVersion, kind, now, before)).toBeInstanceOf(Array);
      }
    }
  });
});
