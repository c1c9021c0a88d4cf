// The OpenAPI v3 documents: an index of group versions, and one document each, made when first asked for.
// kubectl reads them for explain, for apply, and to learn that the server validates fields.
import { createHash } from 'node:crypto';
import { builtinResources, groupVersion, loadDescriptions, type ResourceInfo, schemaIdOf } from '@steersman/api';
import { versionInfo } from '../version.js';
import { type JsonSchema, refTo, SchemaCollector } from './schemas.js';

type Operation = Record<string, unknown>;

const parameter = (name: string, description: string, type = 'string'): JsonSchema => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
});

const pretty = parameter('pretty', 'If true, the answer is indented.');
const writeParameters = [
  parameter('dryRun', 'All: the request is carried out but for storing its result.'),
  parameter('fieldManager', 'Who makes the change.'),
  parameter('fieldValidation', 'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.'),
];
const forceParameter = parameter('force', 'Apply takes over fields that another manager owns.', 'boolean');
const listParameters = [
  parameter('allowWatchBookmarks', 'Asks for BOOKMARK events.', 'boolean'),
  parameter('continue', 'The token of the page before.'),
  parameter('fieldSelector', 'Selects by fields.'),
  parameter('labelSelector', 'Selects by labels.'),
  parameter('limit', 'The most items of a page.', 'integer'),
  parameter('resourceVersion', 'The version to read at.'),
  parameter('resourceVersionMatch', 'How resourceVersion is meant.'),
  parameter('sendInitialEvents', 'A watch begins with what there is.', 'boolean'),
  parameter('timeoutSeconds', 'How long the call may take.', 'integer'),
  parameter('watch', 'Changes are streamed.', 'boolean'),
];

const pathParameter = (name: string): JsonSchema => ({
  name,
  in: 'path',
  description: name === 'name' ? 'name of the object' : 'namespace of the object',
  required: true,
  schema: { type: 'string', uniqueItems: true },
});

const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
const bodyTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

const content = (types: readonly string[], schema: JsonSchema): JsonSchema => Object.fromEntries(types.map((type) => [type, { schema }]));

export class OpenApiV3 {
  private readonly documents = new Map<string, Promise<{ text: string; hash: string }>>();

  /** /openapi/v3 */
  async index(): Promise<object> {
    const names = [...new Set(builtinResources.map((info) => pathOf(info)))];
    const entries = await Promise.all(
      names.map(async (name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${(await this.document(name)).hash}` }] as const),
    );
    return { paths: Object.fromEntries(entries) };
  }

  /** /openapi/v3/api/v1 and /openapi/v3/apis/GROUP/VERSION, as text with its hash; undefined where there is no such group version. */
  document(name: string): Promise<{ text: string; hash: string }> {
    let made = this.documents.get(name);
    if (!made) {
      made = this.make(name);
      this.documents.set(name, made);
    }
    return made;
  }

  serves(name: string): boolean {
    return builtinResources.some((info) => pathOf(info) === name);
  }

  private async make(name: string): Promise<{ text: string; hash: string }> {
    const infos = builtinResources.filter((info) => pathOf(info) === name);
    const collector = new SchemaCollector(await loadDescriptions(), kindsOf);
    const paths: Record<string, unknown> = {};
    for (const info of infos) Object.assign(paths, pathsOf(info, collector));
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

const pathOf = ({ group, version }: Pick<ResourceInfo, 'group' | 'version'>): string => (group ? `apis/${group}/${version}` : `api/${version}`);

function kindsOf(id: string): { group: string; version: string; kind: string }[] {
  return builtinResources
    .filter((info) => schemaIdOf(groupVersion(info), info.kind) === id)
    .map(({ group, version, kind }) => ({ group, version, kind }));
}

function pathsOf(info: ResourceInfo, collector: SchemaCollector): Record<string, unknown> {
  const id = schemaIdOf(groupVersion(info), info.kind);
  if (!id) return {};
  const schema = collector.add(id);
  const list = listSchema(info, schema, collector);
  const base = `/${pathOf(info)}`;
  const collection = info.namespaced ? `${base}/namespaces/{namespace}/${info.resource}` : `${base}/${info.resource}`;
  const scope = info.namespaced ? [pathParameter('namespace'), pretty] : [pretty];
  const verbs = new Set(info.verbs);
  const paths: Record<string, unknown> = {
    [collection]: {
      ...(verbs.has('list') && { get: operation(info, { action: 'list', parameters: listParameters, answer: list }) }),
      ...(verbs.has('create') && { post: operation(info, { action: 'post', parameters: writeParameters, body: schema, answer: schema }) }),
      ...(verbs.has('deletecollection') && {
        delete: operation(info, { action: 'deletecollection', parameters: listParameters, answer: collector.add('meta.v1.Status') }),
      }),
      parameters: scope,
    },
  };
  if (verbs.has('get'))
    paths[`${collection}/{name}`] = {
      get: operation(info, { action: 'get', parameters: [], answer: schema }),
      ...(verbs.has('update') && { put: operation(info, { action: 'put', parameters: writeParameters, body: schema, answer: schema }) }),
      ...(verbs.has('delete') && {
        delete: operation(info, {
          action: 'delete',
          parameters: writeParameters.slice(0, 1),
          body: collector.add('meta.v1.DeleteOptions'),
          answer: collector.add('meta.v1.Status'),
        }),
      }),
      ...(verbs.has('patch') && {
        patch: operation(info, {
          action: 'patch',
          parameters: [...writeParameters, forceParameter],
          body: { type: 'object' },
          bodyTypes: patchTypes,
          answer: schema,
        }),
      }),
      parameters: [pathParameter('name'), ...scope],
    };
  if (info.namespaced && verbs.has('list'))
    paths[`${base}/${info.resource}`] = {
      get: operation(info, { action: 'list', parameters: listParameters, answer: list, everywhere: true }),
      parameters: [pretty],
    };
  return paths;
}

function listSchema(info: ResourceInfo, item: JsonSchema, collector: SchemaCollector): JsonSchema {
  const id = schemaIdOf(groupVersion(info), info.kind)!;
  const name = refTo(`${id}List`)['$ref'] as string;
  collector.schemas[name.slice('#/components/schemas/'.length)] = {
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
  return { $ref: name };
}

interface OperationParts {
  readonly action: string;
  readonly parameters: readonly JsonSchema[];
  readonly body?: JsonSchema;
  readonly bodyTypes?: readonly string[];
  readonly answer: JsonSchema;
  readonly everywhere?: boolean;
}

function operation(
  { group, version, kind, namespaced }: ResourceInfo,
  { action, parameters, body, bodyTypes: types = ['*/*'], answer, everywhere }: OperationParts,
): Operation {
  const tag = `${group ? group.replace(/\.k8s\.io$/, '').replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase()) : 'core'}_${version}`;
  const verb =
    { list: 'list', post: 'create', deletecollection: 'deleteCollection', get: 'read', put: 'replace', delete: 'delete', patch: 'patch' }[action] ??
    action;
  const groupWord = tag.replace(/_/g, '').replace(/^\w/, (letter) => letter.toUpperCase());
  const scope = everywhere ? 'ForAllNamespaces' : '';
  return {
    tags: [tag],
    operationId: `${verb}${groupWord.replace(/v(\d)/, 'V$1')}${namespaced && !everywhere ? 'Namespaced' : ''}${kind}${scope}`,
    ...(parameters.length && { parameters }),
    ...(body && { requestBody: { content: content(types, body), ...(action !== 'delete' && { required: true }) } }),
    responses: { 200: { description: 'OK', content: content(bodyTypes, answer) }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}
