// What the handlers of all verbs share.
import { builtinResources, type Clock, forbidden, type Logger, PageNotFound, pathNotFound, type Random, StatusError } from '@steersman/api';
import type { ResourcePath } from '@steersman/client';
import type { AdmissionChain } from '../admission/admission.js';
import type { Auditor } from '../audit/auditor.js';
import { type Authorizer, forbiddenTo } from '../authz/authorizer.js';
import type { ApiObject, CachedObject } from '../cache/cached-object.js';
import { CachedObject as Cached, encodeObject } from '../cache/cached-object.js';
import type { StoreFeed } from '../cache/store-feed.js';
import type { Registry } from '../registry/registry.js';
import type { Resource } from '../registry/resource.js';
import type { RequestContext } from '../request/request-context.js';
import { ownNamespace } from '../request/request-info.js';
import { type Reviews, reviewId } from '../reviews/review.js';
import type { Subresources } from '../subresources/subresource.js';

/** Objects that are made when somebody asks for them. */
export interface Computed {
  list(): Promise<readonly CachedObject[]>;
}

export interface HandlerTools {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly admission: AdmissionChain;
  readonly subresources: Subresources;
  readonly reviews: Reviews;
  readonly feed: StoreFeed;
  /** What is in no store, but found out when it is asked for, by `group/resource`. */
  readonly computed: ReadonlyMap<string, Computed>;
  /** Absent where nothing is audited. */
  readonly auditor?: Auditor | undefined;
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
  /** Whether the fields come in the order of their names: YAML is read by way of a map. */
  readonly sorted?: boolean;
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

/** The resource of a path. Clients of a version that is on its way out are told so. */
export function findTarget(tools: HandlerTools, path: ResourcePath, context?: RequestContext): Target {
  const served = tools.registry.find(path.group, path.version, path.resource);
  if (!served) throw tools.reviews.has(reviewId(path)) ? methodNotAllowed() : noResource(path);
  const { deprecation } = served.definition;
  if (deprecation !== undefined) context?.warnings.push(deprecation);
  const stored = served.definition.conversion ? tools.registry.stored(served.definition.conversion.storedGroup ?? path.group, path.resource) : served;
  return { stored, served };
}

/** Upstream answers differently below a built-in group version and where there is nothing at all. */
function noResource({ group, version, resource }: ResourcePath): StatusError {
  const siblings = builtinResources.filter((info) => info.group === group && info.version === version);
  if (siblings.some((info) => info.resource === resource)) return methodNotAllowed();
  return siblings.length ? pathNotFound() : new PageNotFound();
}

/** Throws 403 unless the user may. A request is decided about once, however many look at it. */
export function authorize(tools: HandlerTools, context: RequestContext, verb: string, path: ResourcePath, fieldSelector?: string): void {
  const { granted } = context;
  if (granted?.path === path && granted.verb === verb) return;
  const attributes = { user: context.user, verb, ...ownNamespace(path), ...(fieldSelector && { fieldSelector }) };
  const decision = tools.authorizer.authorize(attributes);
  context.audit?.decided(decision);
  if (!decision.allowed) throw forbiddenTo(attributes, decision.reason);
  context.granted ??= { verb, path };
}

/** The path as authorization sees it: a selection of one name counts as asking for that object. */
export function selectedPath(path: ResourcePath, fieldSelector: string | undefined): ResourcePath {
  const name = path.name === undefined ? /^metadata\.name={1,2}([^,=]+)$/.exec(fieldSelector ?? '')?.[1] : undefined;
  return name === undefined ? path : { ...path, name };
}

/** Throws 405 where the resource does not know the verb, or the path does not fit its scope. */
export function checkVerb({ served }: Target, verb: string, path: ResourcePath): void {
  const { info, custom, terminating } = served.definition;
  const outOfScope = info.namespaced ? !path.namespace && path.name !== undefined : path.namespace !== undefined;
  if (custom && outOfScope) throw new PageNotFound();
  if (terminating && verb === 'create')
    throw forbidden(served.groupResource, path.name ?? '', 'create not allowed while custom resource definition is terminating');
  if (!info.verbs.includes(verb) && !(terminating && (verb === 'update' || verb === 'patch'))) throw methodNotAllowed();
  if (!info.namespaced && path.namespace) throw pathNotFound();
  if (info.namespaced && !path.namespace && (path.name !== undefined || verb === 'create')) {
    if (path.name !== undefined) throw pathNotFound();
    throw methodNotAllowed();
  }
}

/** A stored object as the version of the request shows it; a promise only where a webhook converts. */
export function present(target: Target, cached: CachedObject): CachedObject | Promise<CachedObject> {
  const { conversion } = target.served.definition;
  if (!conversion) return target.served.shown(cached);
  return new Cached(cached.key, cached.revision, encodeObject(conversion.fromStored(cached.object)));
}

/** The same for many; those that are shown as they are stored cost nothing. */
export async function presentAll(target: Target, items: readonly CachedObject[]): Promise<readonly CachedObject[]> {
  const { conversion, storedForm } = target.served.definition;
  return conversion || storedForm ? Promise.all(items.map((one) => present(target, one))) : items;
}

export const answerWith = async (code: number, target: Target, cached: CachedObject): Promise<Answer> => {
  const stored = await present(target, cached);
  return {
    code,
    // Most answers are bytes that are there.
    get object() {
      return stored.object;
    },
    stored,
    resource: target.served,
  };
};

/** A non-negative whole number among the query parameters, as upstream reads it. */
export function parseUnsigned(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d+$/.test(text))
    throw new StatusError({ code: 500, message: `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax` });
  return Number(text);
}
