// The paths of a resource in an OpenAPI document, with an operation for each verb.
import { groupVersion, type ResourceInfo, type SubresourceInfo, schemaIdOf } from '@steersman/api';
import { documentTypes, type Operation, type OperationParts, operation } from './operations.js';
import { connectionParameters, logParameters, type Parameter, pathItem, pathParameter } from './parameters.js';
import type { JsonSchema, SchemaCollector } from './schemas.js';

type Paths = Record<string, JsonSchema>;

const proxyMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const connectionMethods = ['get', 'post'];
const listVerb = (verbs: readonly string[]): string => (verbs.includes('watch') ? 'list or watch' : 'list');

/** `api/v1`, or `apis/apps/v1`. */
export const pathOf = ({ group, version }: Pick<ResourceInfo, 'group' | 'version'>): string =>
  group ? `apis/${group}/${version}` : `api/${version}`;

/** What a resource's operations take and give. */
export interface ResourceSchemas {
  readonly item: JsonSchema;
  readonly list: JsonSchema;
  /** What a deletion answers with, where it is not a Status. */
  readonly deleted?: JsonSchema;
}

export class ResourcePaths {
  private readonly base: string;
  private readonly scope: readonly Parameter[];
  private readonly collection: string;
  private readonly item: readonly Parameter[];

  constructor(
    private readonly info: ResourceInfo,
    private readonly schemas: ResourceSchemas,
    private readonly collector: SchemaCollector,
    private readonly custom = false,
  ) {
    this.base = `/${pathOf(info)}`;
    this.scope = info.namespaced ? [pathParameter('namespace')] : [];
    this.item = [pathParameter('name', `name of the ${info.kind}`), ...this.scope];
    this.collection = this.within(this.base);
  }

  all(): Paths {
    const { info } = this;
    const item = `${this.collection}/{name}`;
    return {
      ...this.path(this.collection, this.collectionMethods()),
      ...this.path(item, this.itemMethods()),
      ...(info.namespaced && this.offers('list') && this.path(`${this.base}/${info.resource}`, { get: this.list([], 'ForAllNamespaces') })),
      ...(this.offers('watch') && !this.custom && this.watches()),
      ...Object.assign({}, ...info.subresources.map((subresource) => this.subresource(`${item}/${subresource.name}`, subresource))),
    };
  }

  private path(path: string, methods: Readonly<Record<string, Operation | false>>): Paths {
    const given = Object.entries(methods).filter((entry): entry is [string, Operation] => entry[1] !== false);
    return given.length ? { [path]: pathItem(Object.fromEntries(given)) } : {};
  }

  private within(base: string): string {
    const { namespaced, resource } = this.info;
    return namespaced ? `${base}/namespaces/{namespace}/${resource}` : `${base}/${resource}`;
  }

  private offers(verb: string): boolean {
    return this.info.verbs.includes(verb);
  }

  private operation(parts: OperationParts): Operation {
    return operation(this.info, this.custom, parts);
  }

  private collectionMethods(): Record<string, Operation | false> {
    const { item } = this.schemas;
    const { kind } = this.info;
    const path = this.scope;
    return {
      get: this.offers('list') && this.list(path),
      post: this.offers('create') && this.operation({ action: 'post', body: item, answer: item, path, description: `create ${kind}` }),
      delete: this.offers('deletecollection') && this.deleteCollection(path),
    };
  }

  private deleteCollection(path: readonly Parameter[]): Operation {
    const apart = this.custom ? { verb: 'deletecollection' } : { body: this.deleteOptions(), infix: 'Collection' };
    const answer = this.collector.add('meta.v1.Status');
    return this.operation({ action: 'deletecollection', answer, path, description: `delete collection of ${this.info.kind}`, ...apart });
  }

  private deleteOptions(): JsonSchema {
    return this.collector.add('meta.v1.DeleteOptions');
  }

  private list(path: readonly Parameter[], suffix = ''): Operation {
    const { kind, verbs } = this.info;
    return this.operation({ action: 'list', answer: this.schemas.list, path, suffix, description: `${listVerb(verbs)} objects of kind ${kind}` });
  }

  private itemMethods(): Record<string, Operation | false> {
    const { item } = this.schemas;
    const { kind } = this.info;
    const path = this.item;
    return {
      get: this.offers('get') && this.operation({ action: 'get', answer: item, path, description: `read the specified ${kind}` }),
      put: this.offers('update') && this.operation({ action: 'put', body: item, answer: item, path, description: `replace the specified ${kind}` }),
      delete: this.offers('delete') && this.delete(path),
      patch: this.offers('patch') && this.patch({ answer: item, path, description: `partially update the specified ${kind}` }),
    };
  }

  private delete(path: readonly Parameter[]): Operation {
    const answer = this.schemas.deleted ?? this.collector.add('meta.v1.Status');
    return this.operation({ action: 'delete', body: this.deleteOptions(), answer, path, description: `delete ${this.info.kind}` });
  }

  private patch(parts: Omit<OperationParts, 'action' | 'body'>): Operation {
    return this.operation({ action: 'patch', body: this.collector.add('meta.v1.Patch'), ...parts });
  }

  /** The paths of old on which collections and objects are watched. */
  private watches(): Paths {
    const { info } = this;
    const base = `${this.base}/watch`;
    const answer = this.collector.add('meta.v1.WatchEvent');
    const watch = (action: string, path: readonly Parameter[], suffix: string): { get: Operation } => ({
      get: this.operation({ action, answer, path, suffix, description: `watch changes of ${info.kind}; deprecated: use list with watch` }),
    });
    const collection = this.within(base);
    return {
      ...this.path(collection, watch('watchlist', this.scope, 'List')),
      ...(this.offers('get') && this.path(`${collection}/{name}`, watch('watch', this.item, ''))),
      ...(info.namespaced && this.path(`${base}/${info.resource}`, watch('watchlist', [], 'ListForAllNamespaces'))),
    };
  }

  private subresource(path: string, subresource: SubresourceInfo): Paths {
    const { name, kind, verbs, group = this.info.group, version = this.info.version } = subresource;
    if (/Options$/.test(kind)) return this.connection(path, subresource);
    if (name === 'log') return this.log(path);
    const id = kind === this.info.kind ? undefined : schemaIdOf(groupVersion({ group, version }), kind);
    const answer = id ? this.collector.add(id) : this.schemas.item;
    const about = `${name} of the specified ${this.info.kind}`;
    const common = { answer, path: this.item, suffix: suffixOf(name), ...(!this.custom && { kind: { group, version, kind } }) };
    const written = { ...common, body: answer };
    return this.path(path, {
      get: verbs.includes('get') && this.operation({ action: 'get', ...common, description: `read ${about}` }),
      post: verbs.includes('create') && this.operation({ action: 'post', ...written, description: `create ${about}` }),
      put: verbs.includes('update') && this.operation({ action: 'put', ...written, description: `replace ${about}` }),
      patch: verbs.includes('patch') && this.patch({ ...common, description: `partially update ${about}` }),
    });
  }

  private log(path: string): Paths {
    const get = this.operation({
      action: 'get',
      answer: { type: 'string' },
      path: this.item,
      parameters: logParameters,
      types: ['text/plain', ...documentTypes],
      suffix: 'Log',
      description: `read log of the specified ${this.info.kind}`,
    });
    return this.path(path, { get });
  }

  private connection(path: string, { name, kind }: SubresourceInfo): Paths {
    const isProxy = name === 'proxy';
    const methods = (suffix: string, further: readonly Parameter[] = []): Record<string, Operation> =>
      Object.fromEntries(
        (isProxy ? proxyMethods : connectionMethods).map((method) => [
          method,
          this.operation({
            action: 'connect',
            infix: suffixOf(method),
            suffix,
            answer: { type: 'string' },
            types: ['*/*'],
            path: [...this.item, ...further],
            parameters: connectionParameters[kind] ?? [],
            kind: { group: this.info.group, version: this.info.version, kind },
            description: `connect ${method.toUpperCase()} requests to ${name} of ${this.info.kind}`,
          }),
        ]),
      );
    const suffix = suffixOf(name);
    return {
      ...this.path(path, methods(suffix)),
      ...(isProxy && this.path(`${path}/{path}`, methods(`${suffix}WithPath`, [pathParameter('path')]))),
    };
  }
}

const suffixOf = (name: string): string => name.replace(/^\w/, (letter) => letter.toUpperCase());
