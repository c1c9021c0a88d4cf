// What the API calls its resources: names, scope, verbs and subresources; looked up by path or by kind.
import { builtinResources } from './gen/resources.js';
import type { KindName, ObjectMeta } from './gen/types.js';

export interface SubresourceInfo {
  readonly name: string;
  readonly kind: string;
  /** Group and version of the kind, where they are not the resource's own. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

export interface ResourceInfo {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly storageVersionHash?: string;
  readonly subresources: readonly SubresourceInfo[];
}

/** Any API object. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

export interface ObjectList<T = KubernetesObject> {
  apiVersion?: string;
  kind?: string;
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** `apps/v1`, or `v1` for the core group. */
export const groupVersion = ({ group, version }: { group: string; version: string }): string => (group ? `${group}/${version}` : version);

/** The group and version of an apiVersion. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

const byPath = new Map(builtinResources.map((info) => [`${groupVersion(info)}/${info.resource}`, info]));
const byKind = new Map(builtinResources.map((info) => [`${groupVersion(info)}/${info.kind}`, info]));
const byKindName = new Map<string, ResourceInfo>();
for (const info of builtinResources) {
  byKindName.set(`${groupVersion(info)}/${info.kind}`, info);
  if (!byKindName.has(info.kind) || (info.group === 'autoscaling' && info.version === 'v2')) byKindName.set(info.kind, info);
}

export const resourceByPath = (group: string, version: string, resource: string): ResourceInfo | undefined =>
  byPath.get(`${groupVersion({ group, version })}/${resource}`);

export const resourceByKind = (apiVersion: string, kind: string): ResourceInfo | undefined => byKind.get(`${apiVersion}/${kind}`);

/** The resource of a kind that has one; throws where it has none (a kind of a subresource only). */
export function resourceOf(kind: KindName): ResourceInfo {
  const info = byKindName.get(kind);
  if (!info) throw new Error(`the kind ${kind} has no resource of its own`);
  return info;
}
