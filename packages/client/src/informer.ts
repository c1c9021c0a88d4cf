// An informer keeps a cache of one kind equal to the API server's and tells handlers what changed.
// Mirrors client-go's shared informers: https://pkg.go.dev/k8s.io/client-go/tools/cache
import {
  type Clock,
  isGone,
  type KindName,
  type Kinds,
  type KubernetesObject,
  type Logger,
  resourceOf,
  type Status,
  StatusError,
} from '@steersman/api';
import type { Client } from './client.js';
import { type IndexFunction, keyOf, type Lister, ObjectStore } from './object-store.js';
import type { ApiTransport, ResourcePath, WatchEvent } from './transport.js';

/** What happened to the cache. `old` is what the cache held before. */
export type InformerEvent<T> =
  | { readonly type: 'apply'; readonly object: T; readonly old: T | undefined }
  | { readonly type: 'delete'; readonly object: T };

export type InformerHandler<T> = (event: InformerEvent<T>) => void;

interface CommonOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ResourceInformerOptions extends CommonOptions {
  readonly transport: ApiTransport;
  /** The collection to follow. */
  readonly path: ResourcePath;
}

export interface InformerOptions<K extends KindName> extends CommonOptions {
  readonly client: Client;
  readonly kind: K;
  readonly namespace?: string;
}

/** Where the reflector stands: it lists, then watches from there, and starts over when its version is gone. */
type ReflectorState = { readonly at: 'listing' } | { readonly at: 'watching'; readonly resourceVersion: string };

const retryBaseMs = 100;
const retryMaxMs = 30_000;
const pageSize = 2000;

/** Caches one resource, built in or custom. Handlers are called in order of change; a handler must not throw and should only enqueue. */
export class ResourceInformer<T extends KubernetesObject> {
  readonly name: string;
  /** Resolves once the first list is in the cache and every handler has been told of it. */
  readonly synced: Promise<void>;
  private readonly objects = new ObjectStore<T>();
  private readonly handlers: Array<InformerHandler<T>> = [];
  private resolveSynced!: () => void;
  private hasSyncedOnce = false;
  private failures = 0;

  constructor(private readonly options: ResourceInformerOptions) {
    this.name = `informer of ${options.path.resource}`;
    this.synced = new Promise((resolve) => {
      this.resolveSynced = resolve;
    });
  }

  get lister(): Lister<T> {
    return this.objects;
  }

  get hasSynced(): boolean {
    return this.hasSyncedOnce;
  }

  /** Tells the handler of everything in the cache, then of every change. */
  onEvent(handler: InformerHandler<T>): void {
    for (const object of this.objects.list()) handler({ type: 'apply', object, old: undefined });
    this.handlers.push(handler);
  }

  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    this.objects.addIndex(name, valuesOf);
  }

  /** Lists and watches until the signal aborts; failures are retried with back-off and logged. */
  async run(signal: AbortSignal): Promise<void> {
    let state: ReflectorState = { at: 'listing' };
    while (!signal.aborted) {
      try {
        state = state.at === 'listing' ? await this.list(signal) : await this.watch(state.resourceVersion, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (state.at === 'watching' && isGone(error)) {
          state = { at: 'listing' };
          continue;
        }
        this.failures++;
        this.options.logger.debug('watching failed, retrying', { resource: this.options.path.resource, err: error });
        if (state.at === 'watching') state = { at: 'listing' };
        await this.options.clock.sleep(Math.min(retryBaseMs * 2 ** (this.failures - 1), retryMaxMs), signal);
      }
    }
  }

  private async list(signal: AbortSignal): Promise<ReflectorState> {
    const { transport, path } = this.options;
    const stale = new Set(this.objects.keys());
    let next: string | undefined;
    let resourceVersion = '';
    do {
      const page = await transport.list(path, { ...this.selectors(), limit: pageSize, ...(next && { continue: next }) }, signal);
      for (const object of page.items as readonly T[]) {
        stale.delete(keyOf(object));
        this.apply(object);
      }
      resourceVersion = page.resourceVersion;
      next = page.continue;
    } while (next);
    for (const key of stale) this.remove(key);
    this.failures = 0;
    this.hasSyncedOnce = true;
    this.resolveSynced();
    return { at: 'watching', resourceVersion };
  }

  /** Follows the watch until the server ends it, and says where to go on. */
  private async watch(from: string, signal: AbortSignal): Promise<ReflectorState> {
    const { transport, path } = this.options;
    let resourceVersion = from;
    for await (const batch of transport.watch(path, { ...this.selectors(), resourceVersion, allowBookmarks: true }, signal)) {
      for (const event of batch as readonly WatchEvent<T>[]) {
        this.handle(event);
        resourceVersion = event.object.metadata?.resourceVersion ?? resourceVersion;
      }
      this.failures = 0;
    }
    return { at: 'watching', resourceVersion };
  }

  private handle(event: WatchEvent<T>): void {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        this.apply(event.object);
        return;
      case 'DELETED':
        this.objects.delete(keyOf(event.object));
        this.emit({ type: 'delete', object: event.object });
        return;
      case 'ERROR':
        throw new StatusError(event.object as unknown as Status);
      case 'BOOKMARK':
        return;
    }
  }

  private apply(object: T): void {
    const old = this.objects.set(object);
    if (old?.metadata?.resourceVersion === object.metadata?.resourceVersion && old !== undefined) return;
    this.emit({ type: 'apply', object, old });
  }

  private remove(key: string): void {
    const object = this.objects.delete(key);
    if (object !== undefined) this.emit({ type: 'delete', object });
  }

  private emit(event: InformerEvent<T>): void {
    for (const handler of this.handlers) handler(event);
  }

  private selectors(): { labelSelector?: string; fieldSelector?: string } {
    const { labelSelector, fieldSelector } = this.options;
    return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
  }
}

/** Caches one built-in kind. */
export class Informer<K extends KindName> extends ResourceInformer<Kinds[K] & KubernetesObject> {
  constructor({ client, kind, namespace, ...options }: InformerOptions<K>) {
    const { group, version, resource } = resourceOf(kind);
    super({ ...options, transport: client.transport, path: { group, version, resource, ...(namespace && { namespace }) } });
  }
}
