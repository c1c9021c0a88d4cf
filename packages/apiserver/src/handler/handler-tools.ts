// What the handlers of all verbs share.
import { type Clock, type Logger, pathNotFound, type Random, StatusError } from '@steersman/api';
import type { ResourcePath } from '@steersman/client';
import type { AdmissionChain } from '../admission/admission.js';
import { type Authorizer, forbiddenTo } from '../authz/authorizer.js';
import type { ApiObject, CachedObject } from '../cache/cached-object.js';
import { CachedObject as Cached, encodeObject } from '../cache/cached-object.js';
import type { StoreFeed } from '../cache/store-feed.js';
import type { Registry } from '../registry/registry.js';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../request/request-context.js';
import { type Reviews, reviewId } from '../reviews/review.js';
import type { Subresources } from '../subresources/subresource.js';

export interface HandlerTools {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly admission: AdmissionChain;
  readonly subresources: Subresources;
  readonly reviews: Reviews;
  readonly feed: StoreFeed;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What a request for one object comes to. `stored` has the bytes to send; without it `object` is to be encoded. */
export interface Answer {
  readonly code: number;
  readonly object: ApiObject;
  readonly stored?: CachedObject;
  readonly resource?: Resource;
}

/** A request body as parsed, with the fields that stood twice in it. */
export interface RequestBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

/** The resource as stored, and the one whose version the request speaks, which converts. */
export interface Target {
  readonly stored: Resource;
  readonly served: Resource;
}

export function methodNotAllowed(): StatusError {
  return new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

export function findTarget(tools: HandlerTools, path: ResourcePath): Target {
  const served = tools.registry.find(path.group, path.version, path.resource);
  if (!served) throw tools.reviews.has(reviewId(path)) ? methodNotAllowed() : pathNotFound();
  const stored = served.definition.conversion ? tools.registry.stored(served.definition.conversion.storedGroup ?? path.group, path.resource) : served;
  return { stored, served };
}

/** Throws 403 unless the user may. */
export function authorize(tools: HandlerTools, context: RequestContext, verb: string, path: ResourcePath): void {
  const attributes = { user: context.user, verb, ...path };
  const decision = tools.authorizer.authorize(attributes);
  if (!decision.allowed) throw forbiddenTo(attributes, decision.reason);
}

/** The path as authorization sees it: a selection of one name counts as asking for that object. */
export function selectedPath(path: ResourcePath, fieldSelector: string | undefined): ResourcePath {
  const name = path.name === undefined ? /^metadata\.name={1,2}([^,=]+)$/.exec(fieldSelector ?? '')?.[1] : undefined;
  return name === undefined ? path : { ...path, name };
}

/** Throws 405 where the resource does not know the verb, or the path does not fit its scope. */
export function checkVerb({ served }: Target, verb: string, path: ResourcePath): void {
  const { info } = served.definition;
  if (!info.verbs.includes(verb)) throw methodNotAllowed();
  if (!info.namespaced && path.namespace) throw pathNotFound();
  if (info.namespaced && !path.namespace && (path.name !== undefined || verb === 'create')) {
    if (path.name !== undefined) throw pathNotFound();
    throw methodNotAllowed();
  }
}

/** A stored object as the version of the request shows it. */
export function present(target: Target, cached: CachedObject): CachedObject {
  const { conversion } = target.served.definition;
  if (!conversion) return cached;
  return new Cached(cached.key, cached.revision, encodeObject(conversion.fromStored(cached.object)));
}

export const answerWith = (code: number, target: Target, cached: CachedObject): Answer => {
  const stored = present(target, cached);
  return { code, object: stored.object, stored, resource: target.served };
};

/** A non-negative whole number among the query parameters, as upstream reads it. */
export function parseUnsigned(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d+$/.test(text))
    throw new StatusError({ code: 500, message: `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax` });
  return Number(text);
}
