// The OpenAPI v3 documents: an index, one document for each group version, made when first asked for, and those of other paths.
// kubectl reads them for explain, for apply, and to learn that the server validates fields.
import { createHash } from 'node:crypto';
import { builtinResources, groupVersion, loadDescriptions, type ResourceInfo, schemaIdOf } from '@steersman/api';
import type { SchemaNode } from '../custom-resources/schema/schema-node.js';
import { versionInfo } from '../version.js';
import { customName, customSchema } from './custom-schemas.js';
import { pathOf, ResourcePaths, type ResourceSchemas } from './resource-paths.js';
import { type JsonSchema, refTo, SchemaCollector } from './schemas.js';

/** A custom resource as it is published. */
export interface CustomResource {
  readonly info: ResourceInfo;
  readonly schema?: SchemaNode;
}

export interface Document {
  readonly text: string;
  readonly hash: string;
}

interface Made {
  /** The custom resources it was made of. */
  readonly of: readonly CustomResource[];
  readonly document: Promise<Document>;
}

const schemaPrefix = '#/components/schemas/';
/** What is served beside resources, with what it is. */
const otherPaths: Readonly<Record<string, string>> = {
  '.well-known/openid-configuration': 'the configuration of the issuer of service account tokens',
  api: 'the versions of the core group',
  apis: 'the groups',
  'openid/v1/jwks': 'the keys of the issuer of service account tokens',
  version: 'the version of the server',
};

export class OpenApiV3 {
  private readonly made = new Map<string, Made>();

  constructor(private readonly custom: () => readonly CustomResource[]) {}

  /** /openapi/v3 */
  async index(): Promise<object> {
    const names = [...this.names()].sort();
    const entries = names.map(async (name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${(await this.document(name)).hash}` }] as const);
    return { paths: Object.fromEntries(await Promise.all(entries)) };
  }

  /** /openapi/v3/NAME, such as api/v1 or apis/apps/v1. */
  document(name: string): Promise<Document> {
    const custom = this.custom().filter(({ info }) => pathOf(info) === name);
    const before = this.made.get(name);
    if (before && before.of.length === custom.length && before.of.every((one, index) => one === custom[index])) return before.document;
    const document = this.make(name, custom);
    this.made.set(name, { of: custom, document });
    return document;
  }

  serves(name: string): boolean {
    return this.names().has(name);
  }

  private names(): Set<string> {
    const infos = [...builtinResources, ...this.custom().map(({ info }) => info)];
    return new Set([...Object.keys(otherPaths), ...infos.flatMap((info) => (info.group ? [`apis/${info.group}`, pathOf(info)] : [pathOf(info)]))]);
  }

  private async make(name: string, custom: readonly CustomResource[]): Promise<Document> {
    const collector = new SchemaCollector(await loadDescriptions(), kindsOf);
    const builtIn = builtinResources.filter((info) => pathOf(info) === name);
    const what = builtIn.length + custom.length > 0 ? 'the resources of the group version' : (otherPaths[name] ?? 'the versions of the group');
    const paths: Record<string, unknown> = { [`/${name}/`]: description(name, what) };
    for (const info of builtIn) {
      const schemas = builtInSchemas(info, collector);
      if (schemas) Object.assign(paths, new ResourcePaths(info, schemas, collector).all());
    }
    for (const resource of custom) Object.assign(paths, new ResourcePaths(resource.info, customSchemas(resource, collector), collector).all());
    const text = JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: versionInfo.gitVersion },
      paths,
      components: { schemas: sortKeys(collector.schemas) },
    });
    return { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
  }
}

const sortKeys = (object: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The operation of a path that only describes. */
const description = (name: string, what: string): object => ({
  get: {
    tags: [name.split('/').at(-1)],
    description: `get ${what}`,
    responses: { 200: { description: 'OK' }, 401: { description: 'Unauthorized' } },
  },
});

function kindsOf(id: string): { group: string; version: string; kind: string }[] {
  return builtinResources
    .filter((info) => schemaIdOf(groupVersion(info), info.kind) === id)
    .map(({ group, version, kind }) => ({ group, version, kind }));
}

function builtInSchemas(info: ResourceInfo, collector: SchemaCollector): ResourceSchemas | undefined {
  const id = schemaIdOf(groupVersion(info), info.kind);
  if (!id) return undefined;
  const item = collector.add(id);
  return { item, list: addList(String(refTo(`${id}List`)['$ref']), info, { item, collector }) };
}

function customSchemas({ info, schema = {} }: CustomResource, collector: SchemaCollector): ResourceSchemas {
  const name = customName(info);
  collector.schemas[name] = customSchema(info, schema, collector.add('meta.v1.ObjectMeta'));
  const item = { $ref: schemaPrefix + name };
  return { item, list: addList(schemaPrefix + customName({ ...info, kind: info.listKind }), info, { item, collector }) };
}

function addList(ref: string, info: ResourceInfo, { item, collector }: { item: JsonSchema; collector: SchemaCollector }): JsonSchema {
  collector.schemas[ref.slice(schemaPrefix.length)] = {
    description: `A list of ${info.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
      items: { type: 'array', description: 'The objects.', items: { allOf: [item], default: {} } },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: { allOf: [collector.add('meta.v1.ListMeta')], description: 'The metadata of the list.', default: {} },
    },
    'x-kubernetes-group-version-kind': [{ group: info.group, version: info.version, kind: info.listKind }],
  };
  return { $ref: ref };
}
