// Takes the path of a request apart: verb, API group, version, namespace, resource, name, subresource.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
import type { ResourcePath } from '@steersman/client';

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'post'
  | 'put'
  | 'head'
  | 'options'
  | string;

export interface RequestInfo {
  readonly verb: Verb;
  /** The path of the resource; absent for anything else (/healthz, /version, discovery). */
  readonly resource?: ResourcePath;
  /** What follows a subresource that takes a path of its own (proxy). */
  readonly rest?: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

const verbOf: Readonly<Record<string, Verb>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Subresources of namespaces; all other words after a namespace's name are resources. */
const namespaceSubresources = new Set(['status', 'finalize']);

/** Whether a verb is about many objects, which selectors choose among. */
export const isOfCollection = (verb: Verb): boolean => verb === 'list' || verb === 'watch' || verb === 'deletecollection';

/** A path as access is decided about it: a namespace lies in itself. */
export const ownNamespace = (path: ResourcePath): ResourcePath =>
  path.group === '' && path.resource === 'namespaces' && path.name !== undefined ? { ...path, namespace: path.name } : path;

const noQuery = new URLSearchParams();

/** A flag of a query: given at all, it is set, unless it says no. */
export const isTrue = (value: string | null): boolean => value !== null && !['false', '0'].includes(value.toLowerCase());

/** Parses method and URL; undefined where the path has malformed escapes. */
export function parseRequest(method: string, url: string): RequestInfo | undefined {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? noQuery : queryOf(url.slice(mark + 1));
  const nonResource = (): RequestInfo => ({ verb: method.toLowerCase(), path, query });
  let parts: string[];
  try {
    parts = (path.includes('%') ? decodeURIComponent(path) : path).split('/').filter(Boolean);
  } catch {
    return undefined;
  }
  const [root, ...afterRoot] = parts;
  if (root !== 'api' && root !== 'apis') return nonResource();
  const group = root === 'apis' ? (afterRoot.shift() ?? '') : '';
  const version = afterRoot.shift();
  if (!version || afterRoot.length === 0) return nonResource();

  let forcedVerb: Verb | undefined;
  if (group === '' && afterRoot[0] === 'watch') {
    forcedVerb = 'watch';
    afterRoot.shift();
  }
  let namespace: string | undefined;
  let rest = afterRoot;
  if (afterRoot[0] === 'namespaces' && afterRoot.length > 2 && !(group === '' && namespaceSubresources.has(afterRoot[2]!))) {
    namespace = afterRoot[1]!;
    rest = afterRoot.slice(2);
  }
  const [resource = '', name, subresource, ...tail] = rest;
  if (resource === '') return nonResource();
  const resourcePath: ResourcePath = {
    group,
    version,
    resource,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(subresource && { subresource }),
  };
  // Nothing is found under empty names; only what is proxied has paths of its own.
  if (/\/\/+[^/]/.test(path) && subresource !== 'proxy') return nonResource();
  const info = { resource: resourcePath, path, query, ...(tail.length && { rest: tail.join('/') }) };
  return {
    ...info,
    verb: forcedVerb ?? resourceVerb(method, { name, watch: isTrue(query.get('watch')), fieldSelector: query.get('fieldSelector') }),
  };
}

/** Without the pairs that Go's parser drops: those with a semicolon or a wrong escape. */
function queryOf(text: string): URLSearchParams {
  if (!/;|%(?![\da-f]{2})/i.test(text)) return new URLSearchParams(text);
  const pairs = text.split('&').filter((pair) => !/;|%(?![\da-f]{2})/i.test(pair));
  return new URLSearchParams(pairs.join('&'));
}

function resourceVerb(method: string, { name, watch }: { name: string | undefined; watch: boolean; fieldSelector: string | null }): Verb {
  const verb = verbOf[method] ?? method.toLowerCase();
  // A single object is watched under /watch, or chosen by its name among all.
  if (verb === 'get' && name === undefined) return watch ? 'watch' : 'list';
  if (verb === 'delete' && name === undefined) return 'deletecollection';
  return verb;
}
