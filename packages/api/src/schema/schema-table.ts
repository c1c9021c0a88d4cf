// The rows of the generated schema table, and the schemas linked from them at first use.

import { builtinResources } from '../gen/resources.js';
import { atomicDefinitions, schemaRows } from '../gen/schema-data.js';
import type { Field, ObjectSchema, Presence, ScalarKind, Schema } from './schema.js';

export type ShapeRow = ScalarKind | { readonly list: ShapeRow } | { readonly map: ShapeRow } | { readonly ref: string };

/** One field of a definition, as generated: n name, s shape, go presence, mk merge key, ps patch strategy, d default. */
export interface FieldRow {
  readonly n: string;
  readonly s: ShapeRow;
  readonly go?: string;
  readonly type?: string;
  readonly list?: string;
  readonly keys?: readonly string[];
  readonly map?: string;
  readonly mk?: string;
  readonly ps?: string;
  readonly d?: unknown;
}

const presences: Readonly<Record<string, Presence>> = { p: 'pointer', P: 'nullable', s: 'struct', z: 'omitZero', t: 'nullTime', k: 'always' };

const linked = new Map<string, ObjectSchema>();

/** The schema of a definition such as `core.v1.PodSpec`; linked at first use. `granular` takes an atomic one apart. */
export function definition(id: string, granular = false): ObjectSchema {
  const atomic = !granular && atomicDefinitions.has(id);
  const link = granular ? `${id} granular` : id;
  const known = linked.get(link);
  if (known) return known;
  const rows = schemaRows[id];
  if (!rows) throw new Error(`no definition is called ${id}`);
  const [name = id, version = 'v1'] = id.split('.').reverse();
  let fields: ReadonlyMap<string, Field> | undefined;
  const schema: ObjectSchema = {
    kind: 'object',
    id,
    typeName: name,
    goType: `${version}.${name}`,
    atomic,
    get fields() {
      fields ??= new Map(rows.map((row) => [row.n, fieldOf(row)]));
      return fields;
    },
  };
  linked.set(link, schema);
  return schema;
}

function fieldOf(row: FieldRow): Field {
  const schema = schemaOfShape(row.s, row);
  const presence = presences[row.go ?? ''] ?? 'omitEmpty';
  return {
    name: row.n,
    // A struct inside a pointer or list is a value of its own; only a value field is always there.
    presence:
      presence === 'struct' && !(schema.kind === 'object' || schema.kind === 'quantity' || schema.kind === 'intOrString' || schema.kind === 'any')
        ? 'omitEmpty'
        : presence,
    schema,
    ...(row.mk && { patchMergeKey: row.mk }),
    ...(row.ps && { patchStrategy: row.ps }),
    ...(row.d !== undefined && { default: row.d }),
  };
}

function schemaOfShape(shape: ShapeRow, row: FieldRow): Schema {
  if (typeof shape === 'string') return row.type ? { kind: shape, goType: `v1.${row.type}` } : { kind: shape };
  if ('ref' in shape) return definition(shape.ref, row.map === 'granular');
  if ('map' in shape) return { kind: 'map', values: schemaOfShape(shape.map, { n: row.n, s: shape.map }), atomic: row.map === 'atomic' };
  const listType = row.list === 'map' || row.list === 'set' ? row.list : 'atomic';
  return { kind: 'list', items: schemaOfShape(shape.list, { n: row.n, s: shape.list }), listType, keys: row.keys ?? [] };
}

const groupWords: Readonly<Record<string, string>> = {
  '': 'core',
  'rbac.authorization.k8s.io': 'rbac',
  'flowcontrol.apiserver.k8s.io': 'flowcontrol',
};

const groupWord = (group: string): string => groupWords[group] ?? group.replace(/\.k8s\.io$/, '');

const schemaIds = new Map<string, string>();
for (const { group, version, kind, subresources } of builtinResources) {
  for (const one of [
    { group, version, kind },
    ...subresources.map((sub) => ({ group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind })),
  ]) {
    const id = `${groupWord(one.group)}.${one.version}.${one.kind}`;
    if (schemaRows[id]) schemaIds.set(`${one.group ? `${one.group}/` : ''}${one.version}/${one.kind}`, id);
  }
}

/** The name of a built-in kind's definition, such as `core.v1.Pod`. */
export const schemaIdOf = (apiVersion: string, kind: string): string | undefined =>
  schemaIds.get(`${apiVersion}/${kind}`) ?? (kind === 'DeleteOptions' ? 'meta.v1.DeleteOptions' : undefined);

/** The schema of a built-in kind, if there is one. */
export function schemaOf(apiVersion: string, kind: string): ObjectSchema | undefined {
  const id = schemaIds.get(`${apiVersion}/${kind}`);
  return id === undefined ? undefined : definition(id);
}
