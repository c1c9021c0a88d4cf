// The remote backend: a store at the other end of the gRPC storage service.
import type { Clock } from '@steersman/api';
import { callUnary, channelOptions, type grpcCredentials, messagesOf, storageV1 } from '@steersman/rpc';
import { fromEventMessage } from '../service/message.js';
import { fromStoreStatus } from '../service/store-status.js';
import type { KeyValue, RangeRequest, RangeResult, Store, StoreStatus, WatchBatch, WatchRequest, Write, WriteResult } from '../store.js';
import { CompactedError } from '../store-error.js';
import { WriteStream } from './write-stream.js';

export interface RemoteStoreOptions {
  readonly address: string;
  readonly credentials: ReturnType<typeof grpcCredentials.createInsecure>;
  readonly clock: Clock;
}

const retryMs = 200;

export class RemoteStore implements Store {
  readonly name = 'remote';
  readonly ready: Promise<void>;
  private readonly opened = Promise.withResolvers<void>();
  private readonly client: storageV1.StorageClient;
  private readonly writes: WriteStream;

  constructor(private readonly options: RemoteStoreOptions) {
    const reconnect = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 };
    this.client = new storageV1.StorageClient(options.address, options.credentials, { ...channelOptions, ...reconnect });
    this.writes = new WriteStream(this.client);
    this.ready = this.opened.promise;
    this.ready.catch(() => undefined);
  }

  /** The other end compacts; this one only holds the connection. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    const isReachable = (): Promise<boolean> =>
      this.status().then(
        () => true,
        () => false,
      );
    while (!signal.aborted && !(await isReachable())) await clock.sleep(retryMs, signal);
    if (signal.aborted) this.opened.reject(new Error('the storage service could not be reached'));
    else await this.serve(signal);
    this.writes.close();
    this.client.close();
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const { start, end, limit = 0, revision = 0, countOnly = false, keysOnly = false } = request;
    const items: KeyValue[] = [];
    let result = { more: false, count: 0, revision };
    try {
      for await (const chunk of messagesOf(this.client.range({ start, end, limit, revision, countOnly, keysOnly }))) {
        items.push(...chunk.items);
        result = { more: chunk.more, count: chunk.count, revision: chunk.revision };
      }
    } catch (error) {
      throw fromStoreStatus(error);
    }
    return { items, ...result };
  }

  write(write: Write): Promise<WriteResult> {
    return this.writes.write(write);
  }

  async *watch({ start, end, after }: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch> {
    let position = after;
    while (!signal.aborted) {
      try {
        for await (const { events, revision } of messagesOf(this.client.watch({ start, end, after: position }), signal)) {
          position = Math.max(revision, events.at(-1)?.revision ?? 0);
          yield { events: events.map(fromEventMessage), revision };
        }
      } catch (error) {
        const known = fromStoreStatus(error);
        if (known instanceof CompactedError) throw known;
      }
      // The connection broke: the next stream goes on where this one ended.
      if (!signal.aborted) await this.options.clock.sleep(retryMs, signal);
    }
  }

  async compact(revision: number): Promise<void> {
    try {
      await callUnary((message: storageV1.CompactRequest, done) => this.client.compact(message, done), { revision });
    } catch (error) {
      throw fromStoreStatus(error);
    }
  }

  async status(): Promise<StoreStatus> {
    return callUnary((message: storageV1.StatusRequest, done) => this.client.status(message, done), {});
  }

  async *snapshot(): AsyncIterable<Uint8Array> {
    for await (const { data } of messagesOf(this.client.snapshot({}))) yield data;
  }

  private async serve(signal: AbortSignal): Promise<void> {
    this.opened.resolve();
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }
}
