// The one handler chain: every verb of the API, whatever carried the request. Authentication has happened;
// authorization, admission, schema, strategy, store and cache happen here.
import { notFound, pathNotFound } from '@steersman/api';
import type { GetOptions, ListOptions, ResourcePath, WriteOptions } from '@steersman/client';
import type { DeleteRequest } from '../registry/deletion.js';
import type { RequestContext } from '../request/request-context.js';
import { createReview, reviewId } from '../reviews/review.js';
import { type Subresource, subresourceId } from '../subresources/subresource.js';
import { deleteCollection, deleteOne } from './delete.js';
import { type Answer, authorize, findTarget, type HandlerTools, methodNotAllowed, type RequestBody } from './handler-tools.js';
import { type Patch, patchObject } from './patch.js';
import { getObject, type ListAnswer, listObjects } from './read.js';
import { type WatchAnswer, type WatchRequest, watchObjects } from './watch.js';
import { createObject, updateObject } from './write.js';

export class ApiHandler {
  constructor(readonly tools: HandlerTools) {}

  async get(context: RequestContext, path: ResourcePath, options: GetOptions): Promise<Answer> {
    const { subresource, request } = this.subresource(context, 'get', path, {});
    if (subresource) return orNotAllowed(subresource.get)(request);
    return getObject(this.tools, context, path, options);
  }

  list(context: RequestContext, path: ResourcePath, options: ListOptions): Promise<ListAnswer> {
    return listObjects(this.tools, context, path, options);
  }

  watch(context: RequestContext, path: ResourcePath, options: WatchRequest, signal: AbortSignal): Promise<WatchAnswer> {
    return watchObjects(this.tools, context, path, options, signal);
  }

  async create(context: RequestContext, path: ResourcePath, body: RequestBody, options: WriteOptions): Promise<Answer> {
    const review = path.subresource === undefined ? this.tools.reviews.get(reviewId(path)) : undefined;
    if (review) return createReview(this.tools, context, review, { path, body, options });
    const alias = path.subresource === undefined ? this.tools.subresources.get(subresourceId(path)) : undefined;
    if (alias) {
      authorize(this.tools, context, 'create', path);
      const target = findTarget(this.tools, { ...path, resource: 'pods' }, context);
      return orNotAllowed(alias.create)({ tools: this.tools, context, path, target, options, body });
    }
    const { subresource, request } = this.subresource(context, 'create', path, options);
    if (subresource) return orNotAllowed(subresource.create)({ ...request, body });
    if (path.subresource !== undefined || path.name !== undefined) throw methodNotAllowed();
    return createObject(this.tools, context, path, body, options);
  }

  async update(context: RequestContext, path: ResourcePath, body: RequestBody, options: WriteOptions): Promise<Answer> {
    const { subresource, request } = this.subresource(context, 'update', path, options);
    if (subresource) return orNotAllowed(subresource.update)({ ...request, body });
    if (path.name === undefined) throw methodNotAllowed();
    return updateObject(this.tools, context, path, body, options);
  }

  async patch(context: RequestContext, path: ResourcePath, patch: Patch, options: WriteOptions): Promise<Answer> {
    context.audit?.requestedBy(patch.patch);
    const { subresource, request } = this.subresource(context, 'patch', path, options);
    if (subresource) return orNotAllowed(subresource.patch)({ ...request, ...patch });
    if (path.name === undefined) throw methodNotAllowed();
    return patchObject(this.tools, context, path, { ...patch, options });
  }

  async delete(context: RequestContext, path: ResourcePath, options: DeleteRequest['options']): Promise<Answer> {
    if (path.subresource !== undefined) throw methodNotAllowed();
    context.audit?.requestedBy(deleteOptions(options));
    return deleteOne(this.tools, context, path, options);
  }

  deleteCollection(context: RequestContext, path: ResourcePath, options: DeleteRequest['options'], selectors: ListOptions): Promise<ListAnswer> {
    context.audit?.requestedBy(deleteOptions(options));
    return deleteCollection(this.tools, context, path, options, selectors);
  }

  /** The handler of a subresource beyond status, with the request authorized; nothing where the path names none. */
  private subresource(
    context: RequestContext,
    verb: string,
    path: ResourcePath,
    options: WriteOptions,
  ): { subresource?: Subresource; request: Parameters<NonNullable<Subresource['get']>>[0] } {
    const target = findTarget(this.tools, path, context);
    const request = { tools: this.tools, context, path, target, options };
    if (path.subresource === undefined) return { request };
    const { definition, groupResource } = target.served;
    const subresource = definition.custom ? definition.subresources?.get(path.subresource) : this.tools.subresources.get(subresourceId(path));
    if (!subresource) {
      if (path.subresource === 'status' && definition.hasStatus) return { request };
      throw definition.custom ? notFound(groupResource, path.name ?? '') : pathNotFound();
    }
    authorize(this.tools, context, verb, path);
    return { subresource, request };
  }
}

const deleteOptions = (options: DeleteRequest['options']): object => ({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...options });

function orNotAllowed<Request, Result>(method: ((request: Request) => Promise<Result>) | undefined): (request: Request) => Promise<Result> {
  if (!method) throw methodNotAllowed();
  return method;
}
