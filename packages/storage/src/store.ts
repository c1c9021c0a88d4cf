// The storage seam: a revisioned key-value store with etcd's semantics. Keys order as ASCII; values are bytes that
// nobody modifies once handed over; revisions are safe integers and start at 1 for an empty store, as in etcd.

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  /** 1 when created, one more with each write, 1 again after a deletion. */
  readonly version: number;
  readonly lease?: never;
}

export interface RangeRequest {
  readonly start: string;
  /** Exclusive; omitted: just the key `start`. */
  readonly end?: string;
  /** Omitted or 0: all. */
  readonly limit?: number;
  /** Omitted or 0: the newest. Throws CompactedError or FutureRevisionError where it is not readable. */
  readonly revision?: number;
  readonly countOnly?: boolean;
  readonly keysOnly?: boolean;
}

export interface RangeResult {
  readonly items: readonly KeyValue[];
  readonly more: boolean;
  /** Keys in the whole range, whatever the limit. */
  readonly count: number;
  /** The revision that was read (the store's own, where the request named none). */
  readonly revision: number;
}

/** One compare-and-swap: succeeds when the key's modRevision equals `expect` (0: must not exist; undefined: no comparison). */
export interface Write {
  readonly key: string;
  /** null deletes; deleting what does not exist succeeds without a new revision. */
  readonly value: Uint8Array | null;
  readonly expect?: number;
}

export type WriteResult =
  | { readonly ok: true; readonly revision: number; readonly previous?: KeyValue }
  | { readonly ok: false; readonly revision: number; readonly current?: KeyValue };

export interface StoreEvent {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  /** Absent for deletions. */
  readonly value?: Uint8Array;
  /** The life of the key that this event belongs to; a put created the key when it equals `revision`. */
  readonly createRevision: number;
  readonly previous?: KeyValue;
}

export interface WatchBatch {
  readonly events: readonly StoreEvent[];
  /** Every event of the range up to this revision has been delivered. */
  readonly revision: number;
}

export interface WatchRequest {
  readonly start: string;
  readonly end: string;
  readonly after: number;
}

export interface StoreStatus {
  readonly revision: number;
  /** Older revisions cannot be read or watched from. */
  readonly compactRevision: number;
  readonly sizeBytes: number;
  /** False once the store is full: reads and deletions go on, other writes throw StoreFullError. */
  readonly writable: boolean;
}

export interface Store {
  readonly name: string;
  range(request: RangeRequest): Promise<RangeResult>;
  /** Each write is its own revision, as in etcd. Concurrent calls are group-committed; resolves when durable. */
  write(write: Write): Promise<WriteResult>;
  /**
   * Events with revision > `after` of keys in [start, end), without gap or repeat, then live. Throws CompactedError when
   * `after` is older than the compacted revision. Ends when the signal aborts. Also yields empty batches as progress at
   * least every few seconds when other keys move.
   */
  watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch>;
  /** Forgets what was replaced before `revision`, which itself stays readable. A revision already compacted is no error. */
  compact(revision: number): Promise<void>;
  status(): Promise<StoreStatus>;
  /** The newest state as a stream for `readSnapshot`. */
  snapshot(): AsyncIterable<Uint8Array>;
  /** Serves until the signal aborts: commits, automatic compaction. Must be running for writes to resolve. */
  run(signal: AbortSignal): Promise<void>;
  /** Settles once open. */
  readonly ready: Promise<void>;
}

/** How much history automatic compaction keeps: neither older nor more than this. */
export interface Retention {
  readonly ageMs: number;
  readonly revisions: number;
}

export const defaultRetention: Retention = { ageMs: 5 * 60_000, revisions: 50_000 };

/** The first key after all keys that begin with `prefix`. */
export const prefixEnd = (prefix: string): string =>
  prefix === '' ? '\uffff' : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
