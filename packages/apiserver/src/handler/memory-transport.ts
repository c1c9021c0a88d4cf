// The API for components in the same process: no bytes, the same frozen objects, and the same authorization and admission.
import type { KubernetesObject } from '@steersman/api';
import {
  type ApiTransport,
  type DeleteOptions,
  type GetOptions,
  type ListOptions,
  type ListResult,
  type PatchType,
  type ResourcePath,
  urlPath,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from '@steersman/client';
import type { UserInfo } from '../authn/user.js';
import { createContext, type RequestContext } from '../request/request-context.js';
import type { ApiHandler } from './api-handler.js';
import type { Answer } from './handler-tools.js';
import type { WatchItem } from './watch.js';

export class MemoryTransport implements ApiTransport {
  constructor(
    private readonly handler: ApiHandler,
    private readonly user: UserInfo,
    /** The program that calls, for the managers of what it writes. */
    private readonly program: string,
  ) {}

  get(path: ResourcePath, options: GetOptions): Promise<KubernetesObject> {
    return this.answered('get', path, (context) => this.handler.get(context, path, options));
  }

  list(path: ResourcePath, options: ListOptions): Promise<ListResult> {
    return this.audited('list', path, async (context) => {
      const { items, resourceVersion, continue: next, remainingItemCount } = await this.handler.list(context, path, options);
      return {
        items: items.map(({ object }) => object),
        resourceVersion,
        ...(next && { continue: next }),
        ...(remainingItemCount !== undefined && { remainingItemCount }),
      };
    });
  }

  async *watch(path: ResourcePath, options: WatchOptions, signal: AbortSignal): AsyncIterable<readonly WatchEvent[]> {
    const request = { ...options, ...(options.sendInitialEvents && { resourceVersionMatch: 'NotOlderThan' }) };
    const context = this.context('watch', path);
    try {
      const { target, batches } = await this.handler.watch(context, path, request, signal);
      context.audit?.startedResponse(200);
      const { kind } = target.served.definition.info;
      for await (const batch of batches) yield batch.map((item) => eventOf(item, kind));
    } catch (error) {
      context.audit?.endedBy(error);
      throw error;
    } finally {
      context.audit?.completed(200);
    }
  }

  create(path: ResourcePath, object: unknown, options: WriteOptions): Promise<KubernetesObject> {
    return this.answered('create', path, (context) => this.handler.create(context, path, { value: object, duplicates: [] }, options));
  }

  update(path: ResourcePath, object: unknown, options: WriteOptions): Promise<KubernetesObject> {
    return this.answered('update', path, (context) => this.handler.update(context, path, { value: object, duplicates: [] }, options));
  }

  patch(path: ResourcePath, type: PatchType, patch: unknown, options: WriteOptions): Promise<KubernetesObject> {
    return this.answered('patch', path, (context) => this.handler.patch(context, path, { type, patch }, options));
  }

  delete(path: ResourcePath, options: DeleteOptions): Promise<KubernetesObject> {
    return this.answered('delete', path, (context) => this.handler.delete(context, path, options));
  }

  deleteCollection(path: ResourcePath, options: DeleteOptions, selectors: ListOptions): Promise<KubernetesObject> {
    return this.audited('deletecollection', path, async (context) => {
      const { resourceVersion } = await this.handler.deleteCollection(context, path, options, selectors);
      return { kind: 'Status', apiVersion: 'v1', metadata: { resourceVersion } };
    });
  }

  private answered(verb: string, path: ResourcePath, ask: (context: RequestContext) => Promise<Answer>): Promise<KubernetesObject> {
    return this.audited(verb, path, async (context) => (await ask(context)).object);
  }

  private async audited<Result>(verb: string, path: ResourcePath, run: (context: RequestContext) => Promise<Result>): Promise<Result> {
    const context = this.context(verb, path);
    try {
      const result = await run(context);
      context.audit?.responded(() => result);
      context.audit?.completed(verb === 'create' ? 201 : 200);
      return result;
    } catch (error) {
      context.audit?.endedBy(error);
      throw error;
    }
  }

  private context(verb: string, resource: ResourcePath): RequestContext {
    const { user, program: userAgent } = this;
    const path = urlPath(resource);
    return createContext(user, { userAgent, audit: this.handler.tools.auditor?.begin({ user, verb, path, uri: path, resource, userAgent }) });
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
