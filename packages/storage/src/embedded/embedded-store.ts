// The embedded backend: LMDB in a data directory that one process holds. All writes and compactions go through one queue;
// a revision is readable once it is on disk.
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
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
  type StoreStatus,
  type WatchBatch,
  type WatchRequest,
  type Write,
  type WriteResult,
} from '../store.js';
import { CompactedError, FutureRevisionError, StoreClosedError, StoreFullError } from '../store-error.js';
import { type Waiter, WatchHub } from '../watch-hub.js';
import { dropBallast, layBallast } from './ballast.js';
import { holdDataDir } from './data-dir.js';
import { EventRing } from './event-ring.js';
import { type Meta, VersionTable, versionBytes } from './version-table.js';
import { WriteGroup } from './write-group.js';
import { WriteQueue } from './write-queue.js';

export interface EmbeddedStoreOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** False: commits are not forced to disk, and a crash of the machine (not of the process) may lose the newest. */
  readonly durable?: boolean;
  readonly retention?: Retention;
  /** Beyond this, writes other than deletions throw StoreFullError. */
  readonly maxBytes?: number;
  /** What a new data directory starts with. */
  readonly snapshot?: Snapshot;
}

type Job = Write | { readonly compact: number };

const defaultMaxBytes = 8 * 1024 ** 3;
const batchRevisions = 2_000;
const scarceRevisions = 50;

export class EmbeddedStore implements Store {
  readonly name = 'embedded';
  readonly ready: Promise<void>;
  private readonly opened = Promise.withResolvers<void>();
  private table: VersionTable | undefined;
  private meta: Meta = { revision: 1, compactRevision: 1, sizeBytes: 0 };
  private ring = new EventRing(1);
  private writable = true;
  private readonly queue = new WriteQueue<Job, WriteResult>();
  private readonly hub: WatchHub;
  /** Revisions that a snapshot is being taken of. */
  private readonly pinned = new Set<number>();

  constructor(private readonly options: EmbeddedStoreOptions) {
    this.hub = new WatchHub(options.clock);
    this.ready = this.opened.promise;
    this.ready.catch(() => undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const release = this.open();
    try {
      await this.restore();
      layBallast(this.options.dataDir);
      this.opened.resolve();
      const compacting = compactAutomatically(this, this.options.retention ?? defaultRetention, this.options.clock, signal);
      await this.queue.drain(signal, (jobs) => this.commit(jobs));
      this.queue.close(new StoreClosedError());
      await compacting;
    } catch (error) {
      this.opened.reject(error);
      throw error;
    } finally {
      this.queue.close(new StoreClosedError());
      const table = this.table;
      this.table = undefined;
      this.hub.wakeAll();
      await table?.close();
      release();
    }
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    await this.ready;
    const revision = request.revision || this.meta.revision;
    if (revision > this.meta.revision) throw new FutureRevisionError(this.meta.revision);
    if (revision < this.meta.compactRevision) throw new CompactedError(this.meta.compactRevision);
    return this.tables.range(request, revision);
  }

  async write(write: Write): Promise<WriteResult> {
    return this.queue.add(write);
  }

  watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch> {
    return this.hub.watching(request, signal, (waiter) => this.batches(request, waiter, signal));
  }

  async compact(revision: number): Promise<void> {
    await this.ready;
    if (revision > this.meta.revision) throw new FutureRevisionError(this.meta.revision);
    await this.queue.add({ compact: revision });
  }

  async status(): Promise<StoreStatus> {
    await this.ready;
    return { ...this.meta, writable: this.writable && this.hasRoom };
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    await this.ready;
    const { revision } = this.meta;
    this.pinned.add(revision);
    try {
      yield* encodeSnapshot(revision, this.itemsAt(revision));
    } finally {
      this.pinned.delete(revision);
    }
  }

  private get tables(): VersionTable {
    if (!this.table) throw new StoreClosedError();
    return this.table;
  }

  private get hasRoom(): boolean {
    return this.meta.sizeBytes < (this.options.maxBytes ?? defaultMaxBytes);
  }

  private open(): () => void {
    try {
      const release = holdDataDir(this.options.dataDir);
      try {
        this.table = new VersionTable(join(this.options.dataDir, 'store.mdb'), this.options.durable ?? true);
        this.meta = this.table.meta();
        this.ring = new EventRing(this.meta.revision);
        return release;
      } catch (error) {
        release();
        throw error;
      }
    } catch (error) {
      this.opened.reject(error);
      this.queue.close(error as Error);
      throw error;
    }
  }

  private async restore(): Promise<void> {
    const { snapshot } = this.options;
    if (!snapshot) return;
    if (this.meta.revision > 1) throw new Error('a snapshot can only be restored into an empty data directory');
    const { revision, items } = snapshot;
    const sizeBytes = items.reduce((sum, { key, value }) => sum + versionBytes(key, value), 0);
    const meta = { revision, compactRevision: revision, sizeBytes };
    await this.tables.transact(meta, () => {
      for (const item of items) {
        this.tables.putBase({ key: item.key, revision: item.modRevision, deleted: false }, { ...item, previousRevision: 0 });
      }
    });
    this.meta = meta;
    this.ring = new EventRing(revision);
  }

  private *itemsAt(revision: number): Iterable<KeyValue> {
    for (let start = '', more = true; more; ) {
      const page = this.tables.range({ start, end: '\uffff', limit: 1_000 }, revision);
      yield* page.items;
      more = page.more;
      start = `${page.items.at(-1)?.key}\0`;
    }
  }

  /** One transaction for all writes: the comparisons see what earlier ones of the group do. */
  private async commit(jobs: readonly Job[]): Promise<readonly (WriteResult | Error)[]> {
    await this.forgetUpTo(Math.max(0, ...jobs.map((job) => ('compact' in job ? job.compact : 0))));
    const group = new WriteGroup(this.tables, this.meta.revision, this.hasRoom);
    const results = jobs.map((job) => ('compact' in job ? { ok: true as const, revision: group.revision } : group.evaluate(job)));
    if (group.events.length > 0) await this.publish(group);
    if (!this.hasRoom) await this.forgetUpTo(this.meta.revision);
    return results;
  }

  private async publish(group: WriteGroup): Promise<void> {
    const meta = { ...this.meta, revision: group.revision, sizeBytes: this.meta.sizeBytes + group.bytes };
    await this.transact(meta, () => group.apply());
    for (const event of group.events) this.ring.push(event);
    for (const event of group.events) this.hub.written(event.key);
  }

  /** Forgets revision by revision, a transaction for each few thousand; a crash in between only leaves some for the next time. */
  private async forgetUpTo(target: number): Promise<void> {
    const compactRevision = Math.min(target, ...this.pinned);
    if (compactRevision <= this.meta.compactRevision) return;
    // On a full disk a small transaction is more likely to fit.
    const wasFull = !this.writable;
    for (let more = true; more; ) {
      const step = wasFull ? scarceRevisions : batchRevisions;
      const rows = this.tables.revisionsAfter(0, compactRevision, step);
      more = rows.length === step;
      const freed = this.tables.freedBy(rows);
      const meta = { ...this.meta, compactRevision, sizeBytes: this.meta.sizeBytes - freed };
      await this.transact(meta, () => this.tables.forget(rows));
    }
    if (wasFull) layBallast(this.options.dataDir);
  }

  private async transact(meta: Meta, body: () => void): Promise<void> {
    try {
      await this.tables.transact(meta, body);
      this.meta = meta;
      this.writable = true;
    } catch (cause) {
      if (!isFull(cause, this.options.dataDir)) throw new Error('committing to the database', { cause });
      dropBallast(this.options.dataDir);
      // The next group starts with what forgetting everything old has made room for.
      if (this.writable) this.queue.add({ compact: this.meta.revision }).catch(() => undefined);
      this.writable = false;
      throw new StoreFullError('no space left in the data directory', { cause });
    }
  }

  private async *batches({ start, end, after }: WatchRequest, waiter: Waiter, signal: AbortSignal): AsyncIterable<WatchBatch> {
    await this.ready;
    if (after < this.meta.compactRevision) throw new CompactedError(this.meta.compactRevision);
    let position = after;
    while (!signal.aborted) {
      const tables = this.tables;
      if (position >= this.meta.revision) {
        await waiter.wait();
        continue;
      }
      const upTo = Math.min(this.meta.revision, position + batchRevisions);
      const inRing = this.ring.holds(position);
      if (!inRing && position < this.meta.compactRevision) throw new CompactedError(this.meta.compactRevision);
      const events = inRing ? this.ring.select(position, upTo, start, end) : tables.events(position, upTo, start, end);
      position = upTo;
      yield { events, revision: position };
    }
  }
}

const mapFull = -30792;
const ioError = 5;
const noSpace = 28;
const quotaExceeded = 122;
const scarceBytes = 1024 ** 2;

/** Whether LMDB failed for want of room. It calls a write that was cut short by a full disk an input/output error. */
function isFull(error: unknown, dataDir: string): boolean {
  const { code } = error as { code?: unknown };
  return code === mapFull || code === noSpace || code === quotaExceeded || (code === ioError && freeBytes(dataDir) < scarceBytes);
}

function freeBytes(dataDir: string): number {
  const { bavail, bsize } = statfsSync(dataDir);
  return bavail * bsize;
}
