// The etcd backend: keys and values as upstream's API server lays them out, one transaction a write.
import type { Clock } from '@steersman/api';
import { GRPCOutOfRangeError, GRPCResourceExhastedError, type IRequestOp } from 'etcd3';
import { compactAutomatically } from '../auto-compaction.js';
import { encodeSnapshot } from '../snapshot.js';
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
import { CompactedError, FutureRevisionError, StoreFullError } from '../store-error.js';
import { EtcdClient, type EtcdConnection, endBytes, startBytes, toKeyValue } from './etcd-client.js';
import { type Nudges, watchOnce } from './etcd-watch.js';

export interface EtcdStoreOptions extends EtcdConnection {
  readonly clock: Clock;
  readonly retention?: Retention;
}

const retryMs = 200;
const pageItems = 500;

export class EtcdStore implements Store {
  readonly name = 'etcd';
  readonly ready: Promise<void>;
  private readonly opened = Promise.withResolvers<void>();
  private readonly client: EtcdClient;
  /** As far as this client knows: etcd does not tell before it refuses something. */
  private compactRevision = 1;
  private readonly nudges: Nudges = new Set();

  constructor(private readonly options: EtcdStoreOptions) {
    this.client = new EtcdClient(options);
    this.ready = this.opened.promise;
    this.ready.catch(() => undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, retention = defaultRetention } = this.options;
    try {
      while (!signal.aborted && !(await this.isReachable())) await clock.sleep(retryMs, signal);
      if (signal.aborted) this.opened.reject(new Error('etcd could not be reached'));
      else this.opened.resolve();
      await compactAutomatically(this, retention, clock, signal);
    } finally {
      this.client.close();
    }
  }

  async range({ start, end, limit = 0, revision = 0, countOnly = false, keysOnly = false }: RangeRequest): Promise<RangeResult> {
    const options = { limit, revision, count_only: countOnly, keys_only: keysOnly };
    const request = { key: startBytes(start), ...(end !== undefined && { range_end: endBytes(end) }), ...options };
    const response = await this.client.kv.range(request).catch(async (error) => {
      throw await this.revisionError(error, revision);
    });
    return {
      items: response.kvs.map(toKeyValue),
      more: response.more,
      count: Number(response.count),
      revision: revision || Number(response.header.revision),
    };
  }

  async write({ key, value, expect }: Write): Promise<WriteResult> {
    const bytes = Buffer.from(key);
    const put = (content: Uint8Array): IRequestOp => ({
      request_put: { key: bytes, value: Buffer.from(content.buffer, content.byteOffset, content.length), prev_kv: true },
    });
    const response = await this.client.kv
      .txn({
        compare: expect === undefined ? [] : [{ key: bytes, target: 'Mod', result: 'Equal', mod_revision: expect }],
        success: [value ? put(value) : { request_delete_range: { key: bytes, prev_kv: true } }],
        failure: [{ request_range: { key: bytes } }],
      })
      .catch(async (error) => {
        throw await this.writeError(error);
      });
    for (const nudge of this.nudges) nudge();
    const revision = Number(response.header.revision);
    const [outcome] = response.responses;
    const pair = outcome?.response_put?.prev_kv ?? outcome?.response_delete_range?.prev_kvs[0] ?? outcome?.response_range?.kvs[0];
    const found = pair && toKeyValue(pair);
    return response.succeeded ? { ok: true, revision, ...(found && { previous: found }) } : { ok: false, revision, ...(found && { current: found }) };
  }

  async *watch({ start, end, after }: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch> {
    let position = after;
    while (!signal.aborted) {
      try {
        for await (const batch of watchOnce(this.client, { start, end, after: position }, this.options.clock, signal, this.nudges)) {
          position = batch.revision;
          yield batch;
        }
      } catch (error) {
        if (error instanceof CompactedError) throw this.noted(error);
        // etcd went away: the next stream goes on where this one broke off.
        await this.options.clock.sleep(retryMs, signal);
      }
    }
  }

  async compact(revision: number): Promise<void> {
    try {
      await this.client.kv.compact({ revision });
      this.compactRevision = Math.max(this.compactRevision, revision);
    } catch (error) {
      const known = await this.revisionError(error, revision);
      if (!(known instanceof CompactedError)) throw known;
    }
  }

  async status(): Promise<StoreStatus> {
    const [status, writable] = await Promise.all([this.client.maintenance.status(), this.hasSpace()]);
    return { revision: Number(status.header.revision), compactRevision: this.compactRevision, sizeBytes: Number(status.dbSize), writable };
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    const items: KeyValue[] = [];
    const { revision } = await this.range({ start: '', end: '\uffff', countOnly: true });
    for (let start = '', more = true; more; start = `${items.at(-1)?.key}\0`) {
      const page = await this.range({ start, end: '\uffff', limit: pageItems, revision });
      items.push(...page.items);
      more = page.more;
    }
    yield* encodeSnapshot(revision, items);
  }

  private async isReachable(): Promise<boolean> {
    return this.client.maintenance.status().then(
      () => true,
      () => false,
    );
  }

  private async hasSpace(): Promise<boolean> {
    const { alarms } = await this.client.maintenance.alarm({ action: 'Get' });
    return !alarms.some((alarm) => alarm.alarm === 'Nospace');
  }

  /** etcd says "out of range" both of revisions that are gone and of those to come. */
  private async revisionError(error: unknown, revision: number): Promise<unknown> {
    if (!(error instanceof GRPCOutOfRangeError)) return error;
    const newest = (await this.range({ start: '', end: '\uffff', countOnly: true })).revision;
    if (revision > newest) return new FutureRevisionError(newest, { cause: error });
    return this.noted(new CompactedError(Math.max(this.compactRevision, revision + 1), { cause: error }));
  }

  private async writeError(error: unknown): Promise<unknown> {
    if (!(error instanceof GRPCResourceExhastedError) || (await this.hasSpace())) return error;
    return new StoreFullError('etcd has no space left', { cause: error });
  }

  private noted(error: CompactedError): CompactedError {
    this.compactRevision = Math.max(this.compactRevision, error.compactRevision);
    return error;
  }
}
