// What carries API calls: the one interface behind which memory, gRPC and REST stand, with the same behaviour over each.
import type { KubernetesObject } from '@steersman/api';

/** Where a request goes. Cluster-scoped and all-namespace requests leave `namespace` out. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export interface GetOptions {
  readonly resourceVersion?: string;
}

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** For apply: take over fields that another manager owns. */
  readonly force?: boolean;
}

/** meta/v1 DeleteOptions. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json'
  | 'application/apply-patch+yaml';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** One change. The object of an ERROR is a Status; a BOOKMARK has nothing but a resourceVersion. */
export interface WatchEvent<T = KubernetesObject> {
  readonly type: WatchEventType;
  readonly object: T;
}

export interface ListResult<T = KubernetesObject> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/**
 * Calls to the API under one identity. Objects that come back are frozen and may be shared: copy before changing.
 * Every method rejects with a StatusError; a watch ends quietly when its signal aborts.
 */
export interface ApiTransport {
  get(path: ResourcePath, options: GetOptions, signal?: AbortSignal): Promise<KubernetesObject>;
  list(path: ResourcePath, options: ListOptions, signal?: AbortSignal): Promise<ListResult>;
  watch(path: ResourcePath, options: WatchOptions, signal: AbortSignal): AsyncIterable<readonly WatchEvent[]>;
  create(path: ResourcePath, object: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject>;
  update(path: ResourcePath, object: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject>;
  patch(path: ResourcePath, type: PatchType, patch: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject>;
  delete(path: ResourcePath, options: DeleteOptions, signal?: AbortSignal): Promise<KubernetesObject>;
  deleteCollection(path: ResourcePath, options: DeleteOptions, selectors: ListOptions, signal?: AbortSignal): Promise<KubernetesObject>;
}
