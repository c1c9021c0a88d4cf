// The OpenAPI v3 documents: an index, one document for each group version, made when first asked for, and those of other paths.
// kubectl reads them for explain, for apply, and to learn that the server validates fields.
import { createHash } from 'node:crypto';
import { builtinResources, groupVersion, loadOpenApiFacts, type OpenApiFacts, type ResourceInfo, schemaIdOf, sortedKeys } from '@steersman/api';
import type { SchemaNode } from '../custom-resources/schema/schema-node.js';
import { versionInfo } from '../version.js';
import { customName, customSchema } from './custom-schemas.js';
import { describingPath, otherDocuments } from './other-paths.js';
import { pathOf, ResourcePaths, type ResourceSchemas } from './resource-paths.js';
import { type JsonSchema, type KindName, refTo, SchemaCollector } from './schemas.js';

/** A custom resource as it is published. */
export interface CustomResource {
  readonly info: ResourceInfo;
  readonly schema?: SchemaNode;
}

export interface Document {
  readonly text: string;
  readonly hash: string;
}

export interface OpenApiOptions {
  readonly custom: () => readonly CustomResource[];
  /** Whether the deletion of an object answers with it rather than with a Status. */
  readonly returnsDeleted?: (info: ResourceInfo) => boolean;
}

interface Made {
  /** The custom resources it was made of. */
  readonly of: readonly CustomResource[];
  readonly document: Promise<Document>;
}

const schemaPrefix = '#/components/schemas/';

export const hashOf = (text: string): string => createHash('sha512').update(text).digest('hex').toUpperCase();

export class OpenApiV3 {
  private readonly made = new Map<string, Made>();

  constructor(private readonly options: OpenApiOptions) {}

  /** /openapi/v3 */
  async index(): Promise<object> {
    const names = [...this.names()].sort();
    const entries = names.map(async (name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${(await this.document(name)).hash}` }] as const);
    return { paths: Object.fromEntries(await Promise.all(entries)) };
  }

  /** /openapi/v3/NAME, such as api/v1 or apis/apps/v1. */
  document(name: string): Promise<Document> {
    const custom = this.options.custom().filter(({ info }) => pathOf(info) === name);
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
    const infos = [...builtinResources, ...this.options.custom().map(({ info }) => info)];
    return new Set([...otherDocuments, ...infos.flatMap((info) => (info.group ? [`apis/${info.group}`, pathOf(info)] : [pathOf(info)]))]);
  }

  private async make(name: string, custom: readonly CustomResource[]): Promise<Document> {
    const text = JSON.stringify(sortedKeys(this.documentOf(await loadOpenApiFacts(), name, custom)));
    return { text, hash: hashOf(text) };
  }

  private documentOf(facts: OpenApiFacts, name: string, custom: readonly CustomResource[]): JsonSchema {
    const collector = new SchemaCollector(facts, kindsOf(facts));
    const paths = { ...describingPath(name, collector) };
    for (const info of builtinResources) {
      const schemas =
        pathOf(info) === name ? builtInSchemas(info, { collector, returnsDeleted: this.options.returnsDeleted?.(info) ?? false }) : undefined;
      if (schemas) Object.assign(paths, new ResourcePaths(info, schemas, collector).all());
    }
    for (const resource of custom) Object.assign(paths, new ResourcePaths(resource.info, customSchemas(resource, collector), collector, true).all());
    return {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: versionInfo.gitVersion },
      paths,
      components: {
        ...(Object.keys(collector.schemas).length && { schemas: collector.schemas }),
        securitySchemes: { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } },
      },
    };
  }
}

/** The kinds that come in the form of a definition; some belong to every group version. */
const kindsOf =
  ({ everywhere }: OpenApiFacts) =>
  (id: string): readonly KindName[] => {
    const [kind = ''] = id.split('.').slice(-1);
    if (id === 'meta.v1.DeleteOptions' || id === 'meta.v1.WatchEvent') return everywhere.map((one) => ({ ...one, kind }));
    if (rootKinds.has(id)) return [{ group: '', version: 'v1', kind }];
    const kinds = builtinResources.flatMap((info) => [
      info,
      ...info.subresources.map((sub) => ({ group: info.group, version: info.version, ...sub })),
    ]);
    const found = kinds.find((one) => schemaIdOf(groupVersion(one), one.kind) === id);
    return found ? [{ group: found.group, version: found.version, kind: found.kind }] : [];
  };

const rootKinds = new Set(['Status', 'APIVersions', 'APIGroup', 'APIGroupList', 'APIResourceList'].map((kind) => `meta.v1.${kind}`));

interface BuiltInParts {
  readonly collector: SchemaCollector;
  readonly returnsDeleted: boolean;
}

function builtInSchemas(info: ResourceInfo, { collector, returnsDeleted }: BuiltInParts): ResourceSchemas | undefined {
  const id = schemaIdOf(groupVersion(info), info.kind);
  if (!id) return undefined;
  const item = collector.add(id);
  const list = info.verbs.includes('list') ? addList(String(refTo(`${id}List`)['$ref']), info, { item, collector }) : {};
  return { item, list, ...(returnsDeleted && { deleted: item }) };
}

function customSchemas({ info, schema = {} }: CustomResource, collector: SchemaCollector): ResourceSchemas {
  const name = customName(info);
  collector.schemas[name] = customSchema(info, schema, collector.add('meta.v1.ObjectMeta'));
  const item = { $ref: schemaPrefix + name };
  return { item, list: addList(schemaPrefix + customName({ ...info, kind: info.listKind }), info, { item, collector, custom: true }) };
}

interface ListParts {
  readonly item: JsonSchema;
  readonly collector: SchemaCollector;
  readonly custom?: boolean;
}

function addList(ref: string, info: ResourceInfo, { item, collector, custom = false }: ListParts): JsonSchema {
  collector.schemas[ref.slice(schemaPrefix.length)] = {
    description: `A list of ${info.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: 'The version of the schema of this object.' },
      items: { type: 'array', description: 'The objects.', items: custom ? item : { allOf: [item], default: {} } },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: { allOf: [collector.add('meta.v1.ListMeta')], description: 'The metadata of the list.', ...(!custom && { default: {} }) },
    },
    'x-kubernetes-group-version-kind': [{ group: info.group, version: info.version, kind: info.listKind }],
  };
  return { $ref: ref };
}
