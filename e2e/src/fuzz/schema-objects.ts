// Objects generated from schemas: mostly of the right types, so that they get past decoding to validation and beyond.
import type { Field, ObjectSchema, Schema } from '@steersman/api';
import fc from 'fast-check';
import { hostileName, hostileTree } from './hostile.js';
import type { Tree } from './json-tree.js';

const text = (value: unknown): Tree => ({ raw: JSON.stringify(value) });

const words = ['a', 'b', 'default', 'Always', 'TCP', 'http', 'name', 'app', '10.0.0.1', 'In', 'Exists', 'ClusterIP', 'Delete', 'x.example.com/y'];
const string = fc.constantFrom(...words).map(text);
const integer = fc.oneof(fc.constantFrom(0, 1, 2, 80, 443, -1, 65536, 1000), fc.integer()).map(text);

const scalars: Readonly<Record<string, fc.Arbitrary<Tree>>> = {
  string,
  boolean: fc.boolean().map(text),
  int32: integer,
  int64: integer,
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map(text),
  quantity: fc.constantFrom('1', '100m', '1Gi', '0', '-1', '1.5', '1e3', 5).map(text),
  time: fc.constantFrom('2020-01-01T00:00:00Z', '2031-05-05T10:00:00+02:00').map(text),
  microTime: fc.constantFrom('2020-01-01T00:00:00.000000Z', '2020-01-01T00:00:00.5Z').map(text),
  intOrString: fc.constantFrom(80, '25%', 'http', 0).map(text),
  bytes: fc.constantFrom('', 'YQ==', 'AAECAw==').map(text),
  any: fc.json({ maxDepth: 2 }).map((raw) => ({ raw })),
};

/** How likely it is that a value is not what its schema says, in percent. */
const hostilePercent = 4;
const maxDepth = 7;

const known = new Map<Schema, fc.Arbitrary<Tree>[]>();

/** Values of a schema, with something hostile here and there. */
export function valuesOf(schema: Schema, depth = 0): fc.Arbitrary<Tree> {
  const levels = known.get(schema) ?? [];
  known.set(schema, levels);
  levels[depth] ??= fc.oneof(
    { arbitrary: soundValuesOf(schema, depth), weight: 100 - hostilePercent },
    { arbitrary: hostileTree, weight: hostilePercent },
  );
  return levels[depth];
}

function soundValuesOf(schema: Schema, depth: number): fc.Arbitrary<Tree> {
  switch (schema.kind) {
    case 'list':
      if (depth >= maxDepth) return fc.constant({ list: [] });
      return fc.constant(0).chain(() => fc.array(valuesOf(schema.items, depth + 1), { maxLength: 3 }).map((list) => ({ list })));
    case 'map': {
      if (depth >= maxDepth) return fc.constant({ map: [] });
      const key = fc.oneof(
        { arbitrary: fc.constantFrom('a', 'app', 'cpu', 'memory', 'example.com/key'), weight: 6 },
        { arbitrary: hostileName, weight: 1 },
      );
      return fc.constant(0).chain(() => fc.array(fc.tuple(key, valuesOf(schema.values, depth + 1)), { maxLength: 3 }).map((map) => ({ map })));
    }
    case 'object':
      return depth >= maxDepth ? fc.constant({ map: [] }) : objectsOf(schema, depth);
    default:
      return scalars[schema.kind] ?? string;
  }
}

/** A few fields at a time; now and then one twice, or one that is not in the schema. */
function objectsOf(schema: ObjectSchema, depth: number): fc.Arbitrary<Tree> {
  return fc.constant(0).chain(() => {
    const fields = [...schema.fields.values()].filter(({ name }) => depth > 0 || !['apiVersion', 'kind'].includes(name));
    const some = fields.length ? fc.array(fc.constantFrom(...fields), { maxLength: depth < 2 ? 5 : 3 }) : fc.constant([]);
    const strange = fc.option(fc.tuple(hostileName, hostileTree), { freq: 25 });
    return fc
      .tuple(some, strange)
      .chain(([chosen, extra]) =>
        fc
          .tuple(...chosen.map(({ name, schema: one }: Field) => valuesOf(one, depth + 1).map((value): [string, Tree] => [name, value])))
          .map((map) => ({ map: extra ? [...map, extra] : map })),
      );
  });
}
