// The API for components in the same process: no bytes, the same frozen objects, and the same authorization and admission.
import type { KubernetesObject } from '@steersman/api';
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
} from '@steersman/client';
import type { UserInfo } from '../authn/user.js';
import { createContext } from '../request/request-context.js';
import type { ApiHandler } from './api-handler.js';
import type { WatchItem } from './watch.js';

export class MemoryTransport implements ApiTransport {
  constructor(
    private readonly handler: ApiHandler,
    private readonly user: UserInfo,
    /** The program that calls, for the managers of what it writes. */
    private readonly program: string,
  ) {}

  async get(path: ResourcePath, options: GetOptions): Promise<KubernetesObject> {
    return (await this.handler.get(this.context(), path, options)).object;
  }

  async list(path: ResourcePath, options: ListOptions): Promise<ListResult> {
    const { items, resourceVersion, continue: next, remainingItemCount } = await this.handler.list(this.context(), path, options);
    return {
      items: items.map(({ object }) => object),
      resourceVersion,
      ...(next && { continue: next }),
      ...(remainingItemCount !== undefined && { remainingItemCount }),
    };
  }

  async *watch(path: ResourcePath, options: WatchOptions, signal: AbortSignal): AsyncIterable<readonly WatchEvent[]> {
    const request = { ...options, ...(options.sendInitialEvents && { resourceVersionMatch: 'NotOlderThan' }) };
    const { target, batches } = await this.handler.watch(this.context(), path, request, signal);
    const { kind } = target.served.definition.info;
    for await (const batch of batches) yield batch.map((item) => eventOf(item, kind));
  }

  async create(path: ResourcePath, object: unknown, options: WriteOptions): Promise<KubernetesObject> {
    return (await this.handler.create(this.context(), path, { value: object, duplicates: [] }, options)).object;
  }

  async update(path: ResourcePath, object: unknown, options: WriteOptions): Promise<KubernetesObject> {
    return (await this.handler.update(this.context(), path, { value: object, duplicates: [] }, options)).object;
  }

  async patch(path: ResourcePath, type: PatchType, patch: unknown, options: WriteOptions): Promise<KubernetesObject> {
    return (await this.handler.patch(this.context(), path, { type, patch }, options)).object;
  }

  async delete(path: ResourcePath, options: DeleteOptions): Promise<KubernetesObject> {
    return (await this.handler.delete(this.context(), path, options)).object;
  }

  async deleteCollection(path: ResourcePath, options: DeleteOptions, selectors: ListOptions): Promise<KubernetesObject> {
    const { resourceVersion } = await this.handler.deleteCollection(this.context(), path, options, selectors);
    return { kind: 'Status', apiVersion: 'v1', metadata: { resourceVersion } };
  }

  private context(): ReturnType<typeof createContext> {
    return createContext(this.user, { userAgent: this.program });
  }
}

function eventOf(item: WatchItem, kind: string): WatchEvent {
  switch (item.type) {
    case 'ERROR':
      return { type: 'ERROR', object: item.error.status as unknown as KubernetesObject };
    case 'BOOKMARK':
      return {
        type: 'BOOKMARK',
        object: {
          kind,
          metadata: {
            resourceVersion: String(item.revision),
            ...(item.initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
          },
        },
      };
    default:
      return { type: item.type, object: item.object.object };
  }
}
