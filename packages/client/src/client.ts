// The typed client: every verb of the API by kind, over whichever transport it was given.
import { type KindName, type Kinds, type KubernetesObject, type ResourceInfo, resourceByKind, resourceOf } from '@steersman/api';
import type {
  ApiTransport,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ListResult,
  PatchType,
  ResourcePath,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './transport.js';

/** An object to be created: what the server fills in may be left out. */
export type Draft<T> = Omit<T, 'metadata'> & { metadata: Partial<KubernetesObject['metadata']> & Record<string, unknown> };

export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/** An object as far as it takes to find it again. */
export interface ObjectLike {
  apiVersion?: string;
  kind?: string;
  metadata?: { name?: string; namespace?: string; uid?: string; resourceVersion?: string };
}

/** A strategic merge patch, which merges lists by their keys where the kind says so. */
export const strategicMerge = 'application/strategic-merge-patch+json' satisfies PatchType;
export const mergePatch = 'application/merge-patch+json' satisfies PatchType;
export const jsonPatch = 'application/json-patch+json' satisfies PatchType;
export const applyPatch = 'application/apply-patch+yaml' satisfies PatchType;

const place = (info: ResourceInfo, key: Partial<ObjectKey>, subresource?: string): ResourcePath => ({
  group: info.group,
  version: info.version,
  resource: info.resource,
  ...(info.namespaced && key.namespace && { namespace: key.namespace }),
  ...(key.name && { name: key.name }),
  ...(subresource && { subresource }),
});

/** Talks to the API as one identity. All methods reject with StatusError. */
export class Client {
  constructor(readonly transport: ApiTransport) {}

  async get<K extends KindName>(kind: K, key: ObjectKey, options: GetOptions & Signalled = {}): Promise<Kinds[K]> {
    return (await this.transport.get(place(resourceOf(kind), key), options, options.signal)) as Kinds[K];
  }

  async list<K extends KindName>(kind: K, options: ListOptions & Signalled & { namespace?: string } = {}): Promise<ListResult<Kinds[K]>> {
    return (await this.transport.list(place(resourceOf(kind), options), options, options.signal)) as unknown as ListResult<Kinds[K]>;
  }

  watch<K extends KindName>(
    kind: K,
    options: WatchOptions & { namespace?: string },
    signal: AbortSignal,
  ): AsyncIterable<readonly WatchEvent<Kinds[K]>[]> {
    return this.transport.watch(place(resourceOf(kind), options), options, signal) as unknown as AsyncIterable<readonly WatchEvent<Kinds[K]>[]>;
  }

  /** Creates the object in its own namespace. */
  async create<T extends ObjectLike>(object: T, options: WriteOptions & Signalled = {}): Promise<T> {
    return (await this.transport.create(this.pathOf(object, { collection: true }), object, options, options.signal)) as unknown as T;
  }

  async update<T extends ObjectLike>(object: T, options: WriteOptions & Signalled = {}): Promise<T> {
    return (await this.transport.update(this.pathOf(object), object, options, options.signal)) as unknown as T;
  }

  /** Replaces the object's status, on condition that it is still at the resourceVersion given. */
  async updateStatus<T extends ObjectLike & { status?: unknown }>(
    object: T,
    status: T['status'],
    options: WriteOptions & Signalled = {},
  ): Promise<T> {
    return (await this.transport.update(
      this.pathOf(object, { subresource: 'status' }),
      { ...object, status },
      options,
      options.signal,
    )) as unknown as T;
  }

  async patch<K extends KindName>(
    kind: K,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions & Signalled & { type?: PatchType; subresource?: string } = {},
  ): Promise<Kinds[K]> {
    const path = place(resourceOf(kind), key, options.subresource);
    return (await this.transport.patch(path, options.type ?? strategicMerge, patch, options, options.signal)) as unknown as Kinds[K];
  }

  /** Server-side apply: `object` holds just the fields that `fieldManager` wants to own. */
  async apply<T extends ObjectLike>(object: T, options: WriteOptions & Signalled & { fieldManager: string }): Promise<T> {
    return (await this.transport.patch(this.pathOf(object), applyPatch, object, options, options.signal)) as unknown as T;
  }

  async delete<K extends KindName>(kind: K, key: ObjectKey, options: DeleteOptions & Signalled = {}): Promise<void> {
    const { signal, ...rest } = options;
    await this.transport.delete(place(resourceOf(kind), key), rest, signal);
  }

  async deleteCollection<K extends KindName>(kind: K, options: DeleteOptions & ListOptions & Signalled & { namespace?: string } = {}): Promise<void> {
    const { signal, namespace, labelSelector, fieldSelector, ...rest } = options;
    const selectors = { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
    await this.transport.deleteCollection(place(resourceOf(kind), namespace ? { namespace } : {}), rest as DeleteOptions, selectors, signal);
  }

  /** Posts to a subresource, such as `binding`, `eviction` or `token`; gives back what the server answers. */
  async createSubresource<Answer = KubernetesObject>(
    kind: KindName,
    key: ObjectKey,
    subresource: string,
    body: unknown,
    options: WriteOptions & Signalled = {},
  ): Promise<Answer> {
    return (await this.transport.create(place(resourceOf(kind), key, subresource), body, options, options.signal)) as unknown as Answer;
  }

  /** Puts to a subresource, such as `scale`, `approval` or `finalize`. */
  async updateSubresource<Answer = KubernetesObject>(
    kind: KindName,
    key: ObjectKey,
    subresource: string,
    body: unknown,
    options: WriteOptions & Signalled = {},
  ): Promise<Answer> {
    return (await this.transport.update(place(resourceOf(kind), key, subresource), body, options, options.signal)) as unknown as Answer;
  }

  private pathOf(object: ObjectLike, { collection = false, subresource }: { collection?: boolean; subresource?: string } = {}): ResourcePath {
    const { apiVersion = '', kind = '', metadata = {} } = object;
    const info = resourceByKind(apiVersion, kind);
    if (!info) throw new Error(`no built-in resource is called ${apiVersion} ${kind}`);
    return place(
      info,
      { ...(metadata.namespace && { namespace: metadata.namespace }), ...(!collection && metadata.name && { name: metadata.name }) },
      subresource,
    );
  }
}
