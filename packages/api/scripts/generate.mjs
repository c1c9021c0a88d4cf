// Generates src/gen from the official client's type metadata joined with our own facts (facts/*.json):
//   types.ts        an interface for every definition, and the table of kinds
//   schema-data.ts  the compact schema table that src/schema links at run time
//   resources.ts    every resource of the API with its names, verbs and subresources
//   openapi-data.ts what OpenAPI says beyond the schema table; loaded only for it
//   descriptions.ts   what the fields mean, in the client's words; loaded only for OpenAPI
//   protobuf-data.ts  field numbers and types of the protobuf encoding
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = new URL('..', import.meta.url).pathname;
const out = join(here, 'src/gen');
const inputs = [
  import.meta.filename,
  join(here, 'facts/fields.json'),
  join(here, 'facts/atomic.json'),
  join(here, 'facts/resources.json'),
  join(here, 'facts/protobuf.json'),
  join(here, 'facts/openapi.json'),
  join(here, '../../package-lock.json'),
];
const outputs = ['types.ts', 'schema-data.ts', 'resources.ts', 'protobuf-data.ts', 'descriptions.ts', 'openapi-data.ts'].map((file) =>
  join(out, file),
);

/** Definitions that have no fields of their own. */
const _opaque = {
  'api.resource.Quantity': 'quantity',
  'util.intstr.IntOrString': 'intOrString',
  'runtime.RawExtension': 'any',
};

/** How the client's model classes spell an API group in front of clashing names. */
const modelPrefixes = {
  core: 'Core',
  events: 'Events',
  authentication: 'Authentication',
  discovery: 'Discovery',
  admissionregistration: 'Admissionregistration',
  apiregistration: 'Apiregistration',
  apiextensions: 'Apiextensions',
  storage: 'Storage',
  rbac: 'Rbac',
  flowcontrol: 'Flowcontrol',
  resource: 'Resource',
};

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** Whether anything had to be generated. */
export async function generate() {
  const newest = Math.max(...inputs.filter(existsSync).map((file) => statSync(file).mtimeMs));
  if (outputs.every((file) => existsSync(file) && statSync(file).mtimeMs > newest)) return false;
  const models = await import('@kubernetes/client-node');
  const facts = JSON.parse(readFileSync(join(here, 'facts/fields.json'), 'utf8'));
  const resources = JSON.parse(readFileSync(join(here, 'facts/resources.json'), 'utf8'));
  const table = joinFacts(facts, models);
  const kinds = rootKinds(resources, table);
  nameTypes(table, kinds);
  mkdirSync(out, { recursive: true });
  writeFileSync(outputs[0], typesSource(table, kinds));
  writeFileSync(outputs[1], schemaSource(table, JSON.parse(readFileSync(join(here, 'facts/atomic.json'), 'utf8'))));
  writeFileSync(outputs[2], resourcesSource(resources));
  writeFileSync(outputs[3], protobufSource(JSON.parse(readFileSync(join(here, 'facts/protobuf.json'), 'utf8'))));
  writeFileSync(outputs[4], descriptionsSource(table));
  writeFileSync(outputs[5], openApiSource(facts, JSON.parse(readFileSync(join(here, 'facts/openapi.json'), 'utf8'))));
  return true;
}

/** Every definition with its fields: the client's types, our facts. */
function joinFacts(facts, models) {
  const idOfModel = new Map();
  const table = new Map();
  for (const id of Object.keys(facts)) {
    const [kind, version, group] = id.split('.').reverse();
    const candidates = [(modelPrefixes[group] ?? '') + capital(version) + kind, capital(version) + kind, kind];
    const model = candidates.find((name) => models[name]?.getAttributeTypeMap);
    table.set(id, { id, kind, version, group, model, fields: [] });
    if (model) idOfModel.set(model, id);
  }
  for (const definition of table.values()) {
    if (!definition.model && !['CustomResourceSubresourceStatus', 'FieldsV1', 'Patch'].includes(definition.kind))
      throw new Error(`no model for ${definition.id}`);
    const attributes = new Map((models[definition.model]?.getAttributeTypeMap() ?? []).map((attribute) => [attribute.baseName, attribute]));
    for (const [name, fact] of Object.entries(facts[definition.id])) {
      const attribute = attributes.get(name);
      if (!attribute) throw new Error(`${definition.id}.${name} is not in the client's metadata`);
      definition.fields.push({ name, ...fact, shape: shapeOf(attribute, fact, idOfModel) });
    }
  }
  return table;
}

/** A field's shape: a scalar's name, or {list}, {map} or {ref}. */
function shapeOf({ type, format }, fact, idOfModel) {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return { list: shapeOf({ type: list[1], format }, fact, idOfModel) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (map) return { map: shapeOf({ type: map[1], format }, fact, idOfModel) };
  if (fact.format === 'quantity') return 'quantity';
  if (type === 'string') return fact.format === 'byte' || format === 'byte' ? 'bytes' : 'string';
  if (type === 'number') return format === 'int64' ? 'int64' : format === 'double' ? 'double' : 'int32';
  if (type === 'boolean') return 'boolean';
  if (type === 'Date') return 'time';
  if (type === 'V1MicroTime') return 'microTime';
  if (type === 'IntOrString') return 'intOrString';
  if (type === 'any' || type === 'object') return 'any';
  const id = idOfModel.get(type);
  if (!id) throw new Error(`no definition for the type ${type}`);
  return { ref: id };
}

/** The definition behind each `group/version/kind` that the API serves. */
function rootKinds(resources, table) {
  const kinds = new Map();
  const groupWord = (group) => (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').split('.')[0]);
  const words = { 'rbac.authorization': 'rbac', 'internal.apiserver': 'apiserverinternal' };
  const add = (group, version, kind) => {
    const id = [...table.keys()].find((one) => {
      const [k, v, g] = one.split('.').reverse();
      return k === kind && v === version && (g === groupWord(group) || g === words[group.replace(/\.k8s\.io$/, '')]);
    });
    if (id) kinds.set(`${group ? `${group}/` : ''}${version}/${kind}`, id);
  };
  for (const { group, version, kind, subresources } of resources) {
    add(group, version, kind);
    for (const sub of subresources) add(sub.group ?? group, sub.version ?? version, sub.kind);
  }
  return kinds;
}

/** Gives each definition its TypeScript name: Kubernetes' own; of clashing ones the root kind, then core, keeps the plain name. */
function nameTypes(table, kinds) {
  const roots = new Set(kinds.values());
  const byKind = Map.groupBy(table.values(), ({ kind }) => kind);
  for (const [kind, definitions] of byKind) {
    const ranked = [...definitions].sort((a, b) => rank(a, roots) - rank(b, roots));
    ranked.forEach((definition, index) => {
      definition.typeName =
        index === 0
          ? kind
          : definition.kind === 'HorizontalPodAutoscaler' || ranked[0].group === definition.group
            ? kind + capital(definition.version)
            : capital(definition.group) + kind;
    });
  }
}

const rank = ({ id, group, version }, roots) =>
  (roots.has(id) ? 0 : 100) + (group === 'core' ? 0 : group === 'flowcontrol' ? 20 : 10) - (version === 'v2' ? 1 : 0);

function typesSource(table, kinds) {
  const lines = ['// Generated by scripts/generate.mjs: the types of the Kubernetes API.', ''];
  const roots = new Map([...kinds].map(([gvk, id]) => [id, gvk]));
  for (const definition of table.values()) {
    lines.push(`export interface ${definition.typeName} {`);
    for (const field of definition.fields) {
      const isRoot = roots.has(definition.id);
      const required = (isRoot && ['apiVersion', 'kind', 'metadata'].includes(field.name)) || field.required;
      lines.push(`  ${/^\w+$/.test(field.name) ? field.name : JSON.stringify(field.name)}${required ? '' : '?'}: ${typeOf(field.shape, table)};`);
    }
    lines.push('}', '');
  }
  const entries = kindNames(kinds);
  lines.push('/** Every kind by name; where groups share a kind, the others by `group/version/kind`. */', 'export interface Kinds {');
  for (const [name, id] of entries) lines.push(`  ${JSON.stringify(name)}: ${table.get(id).typeName};`);
  lines.push('}', '', 'export type KindName = keyof Kinds;', '');
  return lines.join('\n');
}

/** Kind names for the table of kinds: plain where unique or first, else with group and version. */
function kindNames(kinds) {
  const preferred = new Map();
  for (const [gvk, _id] of kinds) {
    const kind = gvk.split('/').at(-1);
    const better = !preferred.has(kind) || (gvk.startsWith('autoscaling/v2') && kind === 'HorizontalPodAutoscaler');
    if (better) preferred.set(kind, gvk);
  }
  return [...kinds].flatMap(([gvk, id]) => {
    const kind = gvk.split('/').at(-1);
    return preferred.get(kind) === gvk ? [[kind, id]] : [[gvk, id]];
  });
}

function typeOf(shape, table) {
  if (shape.list) return `Array<${typeOf(shape.list, table)}>`;
  if (shape.map) return `{ [key: string]: ${typeOf(shape.map, table)} }`;
  if (shape.ref) return table.get(shape.ref).typeName;
  return (
    { boolean: 'boolean', int32: 'number', int64: 'number', double: 'number', intOrString: 'number | string', any: 'unknown' }[shape] ?? 'string'
  );
}

function schemaSource(table, atomic) {
  const code = (shape) => (shape.list ? { list: code(shape.list) } : shape.map ? { map: code(shape.map) } : shape.ref ? { ref: shape.ref } : shape);
  const rows = [...table.values()].map(({ id, fields }) => {
    const columns = fields.map(({ name, shape, go, type, list, keys, map, mergeKey, patch, default: fallback }) => ({
      n: name,
      s: code(shape),
      ...(go && { go }),
      ...(type && { type }),
      ...(list && { list }),
      ...(keys && { keys }),
      ...(map && { map }),
      ...(mergeKey && { mk: mergeKey }),
      ...(patch && { ps: patch }),
      ...(fallback !== undefined && { d: fallback }),
    }));
    return `  ${JSON.stringify(id)}: ${JSON.stringify(columns)},`;
  });
  return [
    '// Generated by scripts/generate.mjs: the schema table.',
    "import type { FieldRow } from '../schema/schema-table.js';",
    '',
    'export const schemaRows: Readonly<Record<string, readonly FieldRow[]>> = {',
    ...rows,
    '};',
    '',
    '/** Definitions whose values have one owner as a whole. */',
    `export const atomicDefinitions: ReadonlySet<string> = new Set(${JSON.stringify(atomic)});`,
    '',
  ].join('\n');
}

function resourcesSource(resources) {
  const rows = resources.map(
    ({ shortNames = [], categories = [], ...rest }) => `  ${JSON.stringify({ ...rest, listKind: `${rest.kind}List`, shortNames, categories })},`,
  );
  return [
    '// Generated by scripts/generate.mjs: the resources of the API.',
    "import type { ResourceInfo } from '../resource-info.js';",
    '',
    'export const builtinResources: readonly ResourceInfo[] = [',
    ...rows,
    '];',
    '',
  ].join('\n');
}

function protobufSource(messages) {
  const rows = Object.entries(messages).map(([id, fields]) => `  ${JSON.stringify(id)}: ${JSON.stringify(fields)},`);
  return [
    '// Generated by scripts/generate.mjs: the protobuf encoding of every message.',
    '',
    "export const protobufFields: Readonly<Record<string, Readonly<Record<string, readonly [number, string, ('list' | 'map')?]>>>> = {",
    ...rows,
    '};',
    '',
  ].join('\n');
}

/** The comments of the client's type declarations: one for the definition (under the empty name) and one a field. */
function descriptionsSource(table) {
  const models = join(here, '../../node_modules/@kubernetes/client-node/dist/gen/models');
  const unescaped = (text) => text.replace(/\\(['"`])/g, '$1');
  const rows = [...table.values()]
    .filter(({ model }) => model)
    .map(({ id, model, fields }) => {
      const text = readFileSync(join(models, `${model}.d.ts`), 'utf8');
      const found = { '': unescaped(/\/\*\*\n\* (.*)\n\*\/\nexport declare class/.exec(text)?.[1] ?? '') };
      const names = new Set(fields.map(({ name }) => name));
      for (const [, comment, name] of text.matchAll(/\/\*\*\n\s+\* (.*)\n\s+\*\/\n\s+'([^']+)'\??:/g)) {
        const original = [...names].find((one) => one.replace(/[$-]/g, '').toLowerCase() === name.replace(/[_-]/g, '').toLowerCase());
        if (original) found[original] = unescaped(comment);
      }
      return `  ${JSON.stringify(id)}: ${JSON.stringify(found)},`;
    });
  return [
    '// Generated by scripts/generate.mjs: what the fields mean.',
    '',
    'export const descriptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

/** Required fields, and what else documents say: enums, unions, defaults that are no part of the types. */
function openApiSource(facts, { commonVersions, definitions }) {
  const ids = [...new Set([...Object.keys(facts), ...Object.keys(definitions)])];
  const rows = ids.flatMap((id) => {
    const required = Object.entries(facts[id] ?? {}).flatMap(([name, fact]) => (fact.required ? [name] : []));
    const row = { ...(required.length && { required }), ...definitions[id] };
    return Object.keys(row).length ? [`  ${JSON.stringify(id)}: ${JSON.stringify(row)},`] : [];
  });
  const versions = commonVersions.map((one) => (one.includes('/') ? one.split('/') : ['', one])).map(([group, version]) => ({ group, version }));
  return [
    '// Generated by scripts/generate.mjs: what OpenAPI says beyond the schema table.',
    "import type { DefinitionFacts } from '../schema/openapi-facts.js';",
    '',
    'export const definitionFacts: Readonly<Record<string, DefinitionFacts>> = {',
    ...rows,
    '};',
    '',
    '/** The group versions that options and events belong to. */',
    `export const commonVersions: readonly { readonly group: string; readonly version: string }[] = ${JSON.stringify(versions)};`,
    '',
  ].join('\n');
}
