// An OpenAPI v3 document as a value: what there is at a path and below it, and the schemas that belong to it.
import { builtinResources, groupVersion, type OpenApiFacts, type ResourceInfo, schemaIdOf } from '@steersman/api';
import type { SchemaNode } from '../custom-resources/schema/schema-node.js';
import { versionInfo } from '../version.js';
import { customName, customSchema } from './custom-schemas.js';
import { describingPath } from './other-paths.js';
import { pathOf, ResourcePaths, type ResourceSchemas } from './resource-paths.js';
import { type JsonSchema, type KindName, refTo, SchemaCollector, schemaPrefix } from './schemas.js';

/** A custom resource as it is published. */
export interface CustomResource {
  readonly info: ResourceInfo;
  readonly schema?: SchemaNode;
  readonly selectableFields?: readonly string[];
}

export interface DocumentParts {
  readonly custom: readonly CustomResource[];
  /** Whether the deletion of an object answers with it rather than with a Status. */
  readonly returnsDeleted?: (info: ResourceInfo) => boolean;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, JsonSchema>>;
  readonly components: { readonly schemas?: Readonly<Record<string, JsonSchema>>; readonly securitySchemes?: JsonSchema };
}

export const bearerToken: JsonSchema = { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' };

export function documentOf(facts: OpenApiFacts, name: string, { custom, returnsDeleted }: DocumentParts): OpenApiDocument {
  const collector = new SchemaCollector(facts, kindsOf(facts));
  const builtIn = builtinResources.filter((info) => pathOf(info) === name);
  const describes = custom.length === 0 || builtIn.length > 0;
  const paths = describes ? describingPath(name, collector) : {};
  for (const info of builtIn) {
    const schemas = builtInSchemas(info, { collector, returnsDeleted: returnsDeleted?.(info) ?? false });
    if (schemas) Object.assign(paths, new ResourcePaths(info, schemas, collector).all());
  }
  for (const resource of custom) Object.assign(paths, new ResourcePaths(resource.info, customSchemas(resource, collector), collector, true).all());
  return {
    openapi: '3.0.0',
    info: describes ? { title: 'Kubernetes', version: versionInfo.gitVersion } : { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths,
    components: {
      ...(Object.keys(collector.schemas).length && { schemas: collector.schemas }),
      ...(describes && { securitySchemes: { BearerToken: bearerToken } }),
    },
  };
}

/** The kinds that come in the form of a definition; some belong to every group version. */
const kindsOf =
  ({ everywhere }: OpenApiFacts) =>
  (id: string): readonly KindName[] => {
    const [kind = ''] = id.split('.').slice(-1);
    if (id === 'meta.v1.DeleteOptions' || id === 'meta.v1.WatchEvent') return everywhere.map((one) => ({ ...one, kind }));
    if (rootKinds.has(id)) return [{ group: '', version: 'v1', kind }];
    const found = kindOfDefinition.get(id);
    return found ? [found] : [];
  };

const kindOfDefinition = new Map<string, KindName>();
for (const { group, version, kind, subresources } of builtinResources) {
  for (const one of [{ kind }, ...subresources]) {
    const named = { group, version, ...one };
    const id = schemaIdOf(groupVersion(named), named.kind);
    if (id && !kindOfDefinition.has(id)) kindOfDefinition.set(id, { group: named.group, version: named.version, kind: named.kind });
  }
}

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

function customSchemas({ info, schema = {}, selectableFields = [] }: CustomResource, collector: SchemaCollector): ResourceSchemas {
  const name = customName(info);
  const listName = customName({ ...info, kind: info.listKind });
  collector.schemas[name] = customSchema(info, schema, collector.add('meta.v1.ObjectMeta'));
  const item = { $ref: schemaPrefix + name };
  const list = addList(schemaPrefix + listName, info, { item, collector, custom: true });
  const selectable = { 'x-kubernetes-selectable-fields': selectableFields.map((fieldPath) => ({ fieldPath })) };
  if (selectableFields.length) for (const one of [name, listName]) collector.schemas[one] = { ...collector.schemas[one], ...selectable };
  return { item, list };
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
