// The paths of a resource in an OpenAPI document, with an operation for each verb.
import { groupVersion, type ResourceInfo, type SubresourceInfo, schemaIdOf } from '@steersman/api';
import type { JsonSchema, SchemaCollector } from './schemas.js';

type Paths = Record<string, Record<string, unknown>>;

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

const pathDescriptions: Readonly<Record<string, string>> = {
  name: 'name of the object',
  namespace: 'namespace of the object',
  path: 'path below the object',
};

const pathParameter = (name: string): JsonSchema => ({
  name,
  in: 'path',
  description: pathDescriptions[name],
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
const connectKinds = /Options$/;
const proxyMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

const content = (types: readonly string[], schema: JsonSchema): JsonSchema => Object.fromEntries(types.map((type) => [type, { schema }]));

/** `api/v1`, or `apis/apps/v1`. */
export const pathOf = ({ group, version }: Pick<ResourceInfo, 'group' | 'version'>): string =>
  group ? `apis/${group}/${version}` : `api/${version}`;

/** What a resource's operations take and give. */
export interface ResourceSchemas {
  readonly item: JsonSchema;
  readonly list: JsonSchema;
}

interface Operation {
  readonly verb: string;
  readonly action: string;
  readonly answer: JsonSchema;
  readonly parameters?: readonly JsonSchema[];
  readonly body?: JsonSchema;
  readonly bodyTypes?: readonly string[];
  /** Tells operations of the same verb apart. */
  readonly suffix?: string;
  /** What the operation is about, where it is not the resource's own kind. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
}

export class ResourcePaths {
  private readonly base: string;
  private readonly scope: readonly JsonSchema[];
  private readonly collection: string;

  constructor(
    private readonly info: ResourceInfo,
    private readonly schemas: ResourceSchemas,
    private readonly collector: SchemaCollector,
  ) {
    this.base = `/${pathOf(info)}`;
    this.scope = info.namespaced ? [pathParameter('namespace'), pretty] : [pretty];
    this.collection = `${this.within(this.base)}`;
  }

  all(): Paths {
    const { info } = this;
    const item = `${this.collection}/{name}`;
    return {
      ...(this.offers('create', 'list', 'deletecollection') && { [this.collection]: { ...this.collectionMethods(), parameters: this.scope } }),
      ...(this.offers('get', 'update', 'patch', 'delete') && {
        [item]: { ...this.itemMethods(), parameters: [pathParameter('name'), ...this.scope] },
      }),
      ...(info.namespaced &&
        this.offers('list') && { [`${this.base}/${info.resource}`]: { get: this.list('ForAllNamespaces'), parameters: [pretty] } }),
      ...(this.offers('watch') && this.watches()),
      ...Object.assign({}, ...info.subresources.map((subresource) => this.subresource(item, subresource))),
    };
  }

  private within(base: string): string {
    const { namespaced, resource } = this.info;
    return namespaced ? `${base}/namespaces/{namespace}/${resource}` : `${base}/${resource}`;
  }

  private offers(...verbs: string[]): boolean {
    return verbs.some((verb) => this.info.verbs.includes(verb));
  }

  private collectionMethods(): Record<string, unknown> {
    const { item } = this.schemas;
    const status = this.collector.add('meta.v1.Status');
    return {
      ...(this.offers('list') && { get: this.list() }),
      ...(this.offers('create') && {
        post: this.operation({ verb: 'create', action: 'post', parameters: writeParameters, body: item, answer: item }),
      }),
      ...(this.offers('deletecollection') && {
        delete: this.operation({ verb: 'deleteCollection', action: 'deletecollection', parameters: listParameters, answer: status }),
      }),
    };
  }

  private list(suffix = ''): unknown {
    return this.operation({ verb: 'list', action: 'list', parameters: listParameters, answer: this.schemas.list, suffix });
  }

  private itemMethods(): Record<string, unknown> {
    const { item } = this.schemas;
    const [dryRun] = writeParameters;
    return {
      ...(this.offers('get') && { get: this.operation({ verb: 'read', action: 'get', answer: item }) }),
      ...(this.offers('update') && {
        put: this.operation({ verb: 'replace', action: 'put', parameters: writeParameters, body: item, answer: item }),
      }),
      ...(this.offers('delete') && {
        delete: this.operation({
          verb: 'delete',
          action: 'delete',
          parameters: [dryRun!],
          body: this.collector.add('meta.v1.DeleteOptions'),
          answer: this.collector.add('meta.v1.Status'),
        }),
      }),
      ...(this.offers('patch') && { patch: this.patch({ answer: item }) }),
    };
  }

  private patch(parts: Pick<Operation, 'answer' | 'suffix' | 'kind'>): unknown {
    return this.operation({
      verb: 'patch',
      action: 'patch',
      parameters: [...writeParameters, forceParameter],
      body: { type: 'object' },
      bodyTypes: patchTypes,
      ...parts,
    });
  }

  /** The paths of old on which collections and objects are watched. */
  private watches(): Paths {
    const { info } = this;
    const base = `${this.base}/watch`;
    const answer = this.collector.add('meta.v1.WatchEvent');
    const methods = (action: string, suffix: string): { get: unknown } => ({
      get: this.operation({ verb: 'watch', action, answer, suffix }),
    });
    const collection = this.within(base);
    return {
      [collection]: { ...methods('watchlist', 'List'), parameters: [...this.scope, ...listParameters] },
      ...(this.offers('get') && {
        [`${collection}/{name}`]: { ...methods('watch', ''), parameters: [pathParameter('name'), ...this.scope, ...listParameters] },
      }),
      ...(info.namespaced && {
        [`${base}/${info.resource}`]: { ...methods('watchlist', 'ListForAllNamespaces'), parameters: [pretty, ...listParameters] },
      }),
    };
  }

  private subresource(item: string, subresource: SubresourceInfo): Paths {
    const path = `${item}/${subresource.name}`;
    const parameters = [pathParameter('name'), ...this.scope];
    if (connectKinds.test(subresource.kind)) return this.connection(path, subresource, parameters);
    const { group = this.info.group, version = this.info.version, kind, verbs } = subresource;
    const id = kind === this.info.kind ? undefined : schemaIdOf(groupVersion({ group, version }), kind);
    const answer = id ? this.collector.add(id) : this.schemas.item;
    const suffix = subresource.name.replace(/^\w/, (letter) => letter.toUpperCase());
    const common = { answer, suffix, kind: { group, version, kind } };
    return {
      [path]: {
        ...(verbs.includes('get') && { get: this.operation({ verb: 'read', action: 'get', ...common }) }),
        ...(verbs.includes('create') && {
          post: this.operation({ verb: 'create', action: 'post', parameters: writeParameters, body: answer, ...common }),
        }),
        ...(verbs.includes('update') && {
          put: this.operation({ verb: 'replace', action: 'put', parameters: writeParameters, body: answer, ...common }),
        }),
        ...(verbs.includes('patch') && { patch: this.patch(common) }),
        parameters,
      },
    };
  }

  private connection(path: string, { name, kind }: SubresourceInfo, parameters: readonly JsonSchema[]): Paths {
    const isProxy = name === 'proxy';
    const methods = (suffix: string): Record<string, unknown> =>
      Object.fromEntries(
        (isProxy ? proxyMethods : ['get', 'post']).map((method) => [
          method,
          this.operation({
            verb: `connect${method.replace(/^\w/, (letter) => letter.toUpperCase())}`,
            action: 'connect',
            answer: { type: 'string' },
            suffix,
            kind: { group: this.info.group, version: this.info.version, kind },
          }),
        ]),
      );
    const suffix = name.replace(/^\w/, (letter) => letter.toUpperCase());
    return {
      [path]: { ...methods(suffix), parameters },
      ...(isProxy && { [`${path}/{path}`]: { ...methods(`${suffix}WithPath`), parameters: [...parameters, pathParameter('path')] } }),
    };
  }

  private operation({ verb, action, parameters = [], body, bodyTypes: types = ['*/*'], answer, suffix = '', kind }: Operation): unknown {
    const { group, version, kind: own, namespaced } = this.info;
    const word = group ? group.replace(/\.k8s\.io$/, '').replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase()) : 'core';
    const groupWord = `${word}_${version}`.replace(/_/g, '').replace(/^\w/, (letter) => letter.toUpperCase());
    const everywhere = suffix.endsWith('ForAllNamespaces');
    return {
      tags: [`${word}_${version}`],
      operationId: `${verb}${groupWord.replace(/v(\d)/, 'V$1')}${namespaced && !everywhere ? 'Namespaced' : ''}${own}${suffix}`,
      ...(parameters.length && { parameters }),
      ...(body && { requestBody: { content: content(types, body), ...(action !== 'delete' && { required: true }) } }),
      responses: { 200: { description: 'OK', content: content(bodyTypes, answer) }, 401: { description: 'Unauthorized' } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': kind ?? { group, version, kind: own },
    };
  }
}
