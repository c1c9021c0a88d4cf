// The memory backend: an immutable map per revision, so that reads at any retained revision and forks cost nothing.
import type { Clock } from '@steersman/api';
import { compactAutomatically } from '../auto-compaction.js';
import { encodeSnapshot, type Snapshot } from '../snapshot.js';
import {
  defaultRetention,
  type KeyValue,
  type RangeRequest,
  type RangeResult,
  type Retention,
  type Store,
  type StoreEvent,
  type StoreStatus,
  type WatchBatch,
  type WatchRequest,
  type Write,
  type WriteResult,
} from '../store.js';
import { CompactedError, FutureRevisionError, StoreFullError } from '../store-error.js';
import { type Waiter, WatchHub } from '../watch-hub.js';
import { emptyMap, getKey, type OrderedMap, rank, removeKey, setKey, visitFrom } from './ordered-map.js';
import { RevisionLog } from './revision-log.js';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly retention?: Retention;
  /** Beyond this, writes other than deletions throw StoreFullError. */
  readonly maxBytes?: number;
  /** What the store starts with. */
  readonly snapshot?: Snapshot;
}

const noBytes = new Uint8Array(0);
/** Most revisions that one watch batch looks at. */
const batchRevisions = 2_000;

export class MemoryStore implements Store {
  readonly name = 'memory';
  readonly ready = Promise.resolve();
  private map: OrderedMap<KeyValue> = emptyMap();
  private log: RevisionLog;
  private liveBytes = 0;
  private readonly hub: WatchHub;
  private readonly retention: Retention;

  constructor(private readonly options: MemoryStoreOptions) {
    this.hub = new WatchHub(options.clock);
    this.retention = options.retention ?? defaultRetention;
    for (const item of options.snapshot?.items ?? []) {
      this.map = setKey(this.map, item.key, item);
      this.liveBytes += sizeOf(item);
    }
    this.log = new RevisionLog(options.snapshot?.revision ?? 1, this.map);
  }

  /** An independent store with the same contents and history, in O(1). */
  fork(): MemoryStore {
    const { snapshot: _, ...options } = this.options;
    const fork = new MemoryStore(options);
    fork.map = this.map;
    fork.log = this.log.fork();
    fork.liveBytes = this.liveBytes;
    return fork;
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const revision = request.revision || this.log.newest;
    if (revision > this.log.newest) throw new FutureRevisionError(this.log.newest);
    if (revision < this.log.base) throw new CompactedError(this.log.base);
    return readRange(this.log.mapAt(revision), request, revision);
  }

  async write(write: Write): Promise<WriteResult> {
    const current = getKey(this.map, write.key);
    if (write.expect !== undefined && write.expect !== (current?.modRevision ?? 0)) {
      return { ok: false, revision: this.log.newest, ...(current && { current }) };
    }
    if (write.value === null && !current) return { ok: true, revision: this.log.newest };
    if (write.value !== null && !this.hasRoom(write.value.length)) throw new StoreFullError();
    return this.commit(write, current);
  }

  watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return this.hub.watching(request, signal, (waiter) => this.batches(request, waiter, signal));
  }

  async compact(revision: number): Promise<void> {
    if (revision > this.log.newest) throw new FutureRevisionError(this.log.newest);
    if (revision > this.log.base) this.log.compact(revision);
  }

  async status(): Promise<StoreStatus> {
    return { revision: this.log.newest, compactRevision: this.log.base, sizeBytes: this.sizeBytes, writable: this.hasRoom(1) };
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    const items: KeyValue[] = [];
    const revision = this.log.newest;
    visitFrom(this.map, '', (item) => items.push(item) > 0);
    yield* encodeSnapshot(revision, items);
  }

  async run(signal: AbortSignal): Promise<void> {
    await compactAutomatically(this, this.retention, this.options.clock, signal);
  }

  private get sizeBytes(): number {
    return this.liveBytes + this.log.sizeBytes;
  }

  private hasRoom(bytes: number): boolean {
    return this.sizeBytes + bytes <= (this.options.maxBytes ?? Number.POSITIVE_INFINITY);
  }

  private commit({ key, value }: Write, previous: KeyValue | undefined): WriteResult {
    const revision = this.log.newest + 1;
    const createRevision = previous?.createRevision ?? revision;
    const item = value && { key, value, createRevision, modRevision: revision, version: (previous?.version ?? 0) + 1 };
    this.map = item ? setKey(this.map, key, item) : removeKey(this.map, key);
    this.liveBytes += (item ? sizeOf(item) : 0) - (previous ? sizeOf(previous) : 0);
    const event: StoreEvent = {
      type: item ? 'put' : 'delete',
      key,
      revision,
      createRevision,
      ...(value && { value }),
      ...(previous && { previous }),
    };
    this.log.append(event, this.map);
    const excess = revision - this.log.base - this.retention.revisions;
    if (excess > this.retention.revisions / 4) this.log.compact(this.log.base + excess);
    this.hub.written(key);
    return { ok: true, revision, ...(previous && { previous }) };
  }

  private async *batches({ start, end, after }: WatchRequest, waiter: Waiter, signal: AbortSignal): AsyncIterable<WatchBatch> {
    let position = after;
    while (!signal.aborted) {
      if (position < this.log.base) throw new CompactedError(this.log.base);
      if (position >= this.log.newest) {
        await waiter.wait();
        continue;
      }
      const upTo = Math.min(this.log.newest, position + batchRevisions);
      const events = this.log.select(position, upTo, start, end);
      position = upTo;
      yield { events, revision: position };
    }
  }
}

const sizeOf = (item: KeyValue): number => item.key.length + item.value.length;

function readRange(map: OrderedMap<KeyValue>, request: RangeRequest, revision: number): RangeResult {
  const { start, end, limit = 0, countOnly, keysOnly } = request;
  if (end === undefined) {
    const item = getKey(map, start);
    if (!item) return { items: [], more: false, count: 0, revision };
    return { items: countOnly ? [] : [keysOnly ? { ...item, value: noBytes } : item], more: false, count: 1, revision };
  }
  const count = Math.max(0, rank(map, end) - rank(map, start));
  if (countOnly) return { items: [], more: false, count, revision };
  const wanted = limit > 0 ? Math.min(limit, count) : count;
  const items: KeyValue[] = [];
  if (wanted > 0) {
    visitFrom(map, start, (item) => items.push(keysOnly ? { ...item, value: noBytes } : item) < wanted);
  }
  return { items, more: wanted < count, count, revision };
}
