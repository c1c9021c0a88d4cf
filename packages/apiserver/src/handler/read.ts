// GET and LIST: consistent reads once the cache has caught up, reads of what the cache has, reads at an old revision, pages.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import { badRequest, expired, type FieldError, field, invalidObject, notFound } from '@steersman/api';
import type { GetOptions, ListOptions, ResourcePath } from '@steersman/client';
import { CompactedError, prefixEnd } from '@steersman/storage';
import { CachedObject } from '../cache/cached-object.js';
import { resourceId } from '../registry/strategy.js';
import type { RequestContext } from '../request/request-context.js';
import { type ContinueToken, parseToken, writeToken } from './continue-token.js';
import {
  type Answer,
  answerWith,
  authorize,
  type Computed,
  checkVerb,
  findTarget,
  type HandlerTools,
  parseUnsigned,
  presentAll,
  selectedPath,
  type Target,
} from './handler-tools.js';
import { parseSelection, type Selection } from './selection.js';

export interface ListAnswer {
  readonly target: Target;
  readonly items: readonly CachedObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** A list says what was wrong; a read of one object fails as upstream's does. */
function parseListVersion(text: string | undefined): number {
  try {
    return parseUnsigned(text);
  } catch (error) {
    throw badRequest(`invalid resource version: ${(error as Error).message}`);
  }
}

export async function getObject(tools: HandlerTools, context: RequestContext, path: ResourcePath, options: GetOptions): Promise<Answer> {
  const target = findTarget(tools, path, context);
  checkVerb(target, 'get', path);
  authorize(tools, context, 'get', path);
  const computed = tools.computed.get(resourceId(path));
  if (computed) return answerWith(200, target, await oneOf(computed, target, path.name ?? ''));
  const revision = parseUnsigned(options.resourceVersion);
  if (options.resourceVersion === undefined || options.resourceVersion === '') await tools.feed.caughtUp();
  else await tools.feed.reached(revision);
  return answerWith(200, target, await target.stored.get(path.namespace, path.name ?? '', { consistent: false }));
}

async function oneOf(computed: Computed, { stored }: Target, name: string): Promise<CachedObject> {
  const found = (await computed.list()).find(({ key }) => key === name);
  if (!found) throw notFound(stored.groupResource, name);
  return found;
}

/** The options of a list, with one that only watches have. */
export interface ListRequest extends ListOptions {
  readonly sendInitialEvents?: boolean;
}

export async function listObjects(tools: HandlerTools, context: RequestContext, path: ResourcePath, options: ListRequest): Promise<ListAnswer> {
  const target = findTarget(tools, path, context);
  checkVerb(target, 'list', path);
  authorize(tools, context, 'list', selectedPath(path, options.fieldSelector), options.fieldSelector);
  return listTarget(tools, target, path, options);
}

/** The list for somebody who has been found to be allowed it. */
export async function listTarget(tools: HandlerTools, target: Target, path: ResourcePath, options: ListRequest): Promise<ListAnswer> {
  checkListOptions(options);
  const selection = parseSelection(target.served.definition, options);
  const computed = tools.computed.get(resourceId(path));
  if (computed) return { target, items: (await computed.list()).filter(({ object }) => selection.matches(object)), resourceVersion: '' };
  const revision = parseListVersion(options.resourceVersion);
  if (options.continue) return pageFromStore(tools, { target, path, selection, options, token: parseToken(options.continue) });
  if (options.resourceVersionMatch === 'Exact' && revision > 0) {
    await tools.feed.reached(revision);
    return pageFromStore(tools, { target, path, selection, options, token: { v: 'meta.k8s.io/v1', rv: revision, start: '' } });
  }
  if (options.resourceVersion) await tools.feed.reached(revision);
  else await tools.feed.caughtUp();
  if (revision > 0 && options.limit && !options.resourceVersionMatch) {
    return pageFromStore(tools, { target, path, selection, options, token: { v: 'meta.k8s.io/v1', rv: revision, start: '' } });
  }
  return pageFromCache(tools, { target, path, selection, options });
}

function checkListOptions({ resourceVersion, resourceVersionMatch: match, continue: token, sendInitialEvents }: ListRequest): void {
  const forbid = (why: string): FieldError => field.forbiddenField('resourceVersionMatch', why);
  const errors = [
    ...(match && !resourceVersion ? [forbid('resourceVersionMatch is forbidden unless resourceVersion is provided')] : []),
    ...(match && token ? [forbid('resourceVersionMatch is forbidden when continue is provided')] : []),
    ...(match && match !== 'Exact' && match !== 'NotOlderThan'
      ? [field.notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', ''])]
      : []),
    ...(match === 'Exact' && resourceVersion === '0' ? [forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')] : []),
    ...(sendInitialEvents !== undefined ? [field.forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')] : []),
  ];
  if (errors.length) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  if (token && resourceVersion && resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue');
}

interface PageRequest {
  readonly target: Target;
  readonly path: ResourcePath;
  readonly selection: Selection;
  readonly options: ListOptions;
}

function candidates({ target, path, selection }: PageRequest): readonly CachedObject[] {
  const { stored } = target;
  if (path.name !== undefined || selection.name !== undefined) {
    const namespaced = stored.definition.info.namespaced;
    if (path.namespace || !namespaced) {
      const found = stored.peek(path.namespace, path.name ?? selection.name ?? '');
      return found ? [found] : [];
    }
  }
  return stored.cache.list(path.namespace);
}

async function pageFromCache(tools: HandlerTools, request: PageRequest): Promise<ListAnswer> {
  const { target, path, selection, options } = request;
  const { revision } = tools.feed;
  const limit = options.limit ?? 0;
  const all = candidates(request);
  const shown = await presentAll(target, selection.all && limit > 0 ? all.slice(0, limit) : all);
  const matching = selection.all ? shown : shown.filter(({ object }) => selection.matches(object));
  const count = selection.all ? all.length : matching.length;
  const resourceVersion = String(revision);
  const items = limit > 0 ? matching.slice(0, limit) : matching;
  // Whether what follows matches is not known before it is read.
  if (limit <= 0 || items.length < limit || items.at(-1)!.key === all.at(-1)!.key) return { target, items, resourceVersion };
  return {
    target,
    items,
    resourceVersion,
    continue: writeToken(items.at(-1)!.key.slice(listPrefix({ target, path }).length), revision),
    ...(selection.all && { remainingItemCount: count - limit }),
  };
}

async function pageFromStore(tools: HandlerTools, request: PageRequest & { token: ContinueToken }): Promise<ListAnswer> {
  const { target, path, selection, options, token } = request;
  const prefix = listPrefix(request);
  const limit = options.resourceVersion === '0' ? 0 : (options.limit ?? 0);
  const items: CachedObject[] = [];
  let lastKey = '';
  let start = prefix + token.start;
  let revision = token.rv > 0 ? token.rv : tools.feed.revision;
  let total = 0;
  for (;;) {
    const page = await tools.feed.store
      .range({ start, end: prefixEnd(prefix), revision, ...(limit > 0 && selection.all && { limit: limit + 1 }) })
      .catch((error: unknown) => {
        throw error instanceof CompactedError ? tooOld(options) : error;
      });
    revision = token.rv > 0 ? token.rv : page.revision;
    total ||= page.count;
    const found = page.items.map(({ key, modRevision, value }) => CachedObject.fromBytes(key, modRevision, value));
    const presented = await presentAll(target, found);
    items.push(...(selection.all ? presented : presented.filter(({ object }) => selection.matches(object))));
    const last = page.items.at(-1);
    lastKey = last?.key ?? lastKey;
    if (!page.more || !last || (limit > 0 && items.length > limit)) break;
    start = `${last.key}\0`;
  }
  const resourceVersion = String(revision);
  if (limit <= 0 || items.length < limit || items[limit - 1]!.key === lastKey) return { target, items, resourceVersion };
  const shown = items.slice(0, limit);
  return {
    target,
    items: shown,
    resourceVersion,
    continue: writeToken(shown.at(-1)!.key.slice(listPrefix({ target, path }).length), revision),
    ...(selection.all && { remainingItemCount: total - limit }),
  };
}

const tooOld = (options: ListOptions): Error =>
  options.continue
    ? expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      )
    : expired(`The resourceVersion for the provided list is too old.`);

const listPrefix = ({ target, path }: { target: Target; path: ResourcePath }): string =>
  target.stored.definition.prefix + (path.namespace ? `${path.namespace}/` : '');
