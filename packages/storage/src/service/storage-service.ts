// Any store as the gRPC storage service.
import { duplexHandler, type GrpcService, storageV1, streamHandler, unaryHandler } from '@steersman/rpc';
import type { KeyValue, RangeResult, Store, WatchBatch } from '../store.js';
import { fromWriteMessage, toEventMessage, toFailureMessage, toPair, toResultMessage } from './message.js';
import { toStoreStatus, withStoreStatus } from './store-status.js';

/** About how large a chunk of a stream gets; one value may be larger. */
const chunkBytes = 1024 * 1024;

export const storageService = (store: Store): GrpcService => ({
  definition: storageV1.StorageService,
  implementation: {
    range: streamHandler((request: storageV1.RangeRequest) => withStoreStatus(rangeChunks(store, request))),
    txn: duplexHandler((input: AsyncIterable<storageV1.TxnRequest>) => answerWrites(store, input)),
    watch: streamHandler((request: storageV1.WatchRequest, signal) => withStoreStatus(batchChunks(store.watch(request, signal)))),
    compact: unaryHandler(async ({ revision }: storageV1.CompactRequest) => {
      await store.compact(revision).catch((error) => {
        throw toStoreStatus(error);
      });
      return {};
    }),
    status: unaryHandler(() => store.status()),
    snapshot: streamHandler(() => snapshotChunks(store)),
  },
});

async function* rangeChunks(store: Store, { end, ...request }: storageV1.RangeRequest): AsyncIterable<storageV1.RangeResponse> {
  const result = await store.range({ ...request, ...(end !== undefined && { end }) });
  const { more, count, revision }: RangeResult = result;
  for (const items of chunksOf(result.items, (item: KeyValue) => item.value.length)) yield { items: items.map(toPair), more, count, revision };
}

async function* batchChunks(batches: AsyncIterable<WatchBatch>): AsyncIterable<storageV1.WatchBatch> {
  for await (const { events, revision } of batches) {
    const chunks = chunksOf(events, (event) => (event.value?.length ?? 0) + (event.previous?.value.length ?? 0));
    for (const [index, chunk] of chunks.entries()) {
      // Only the last chunk speaks for the whole batch.
      const reached = index === chunks.length - 1 ? revision : (chunk.at(-1)?.revision ?? 1) - 1;
      yield { events: chunk.map(toEventMessage), revision: reached };
    }
  }
}

async function* snapshotChunks(store: Store): AsyncIterable<storageV1.SnapshotChunk> {
  for await (const chunk of store.snapshot()) {
    for (let at = 0; at < chunk.length; at += chunkBytes) yield { data: Buffer.from(chunk.subarray(at, at + chunkBytes)) };
  }
}

/** Makes all writes as they arrive and answers each when it is done, those done together in one message. */
async function* answerWrites(store: Store, input: AsyncIterable<storageV1.TxnRequest>): AsyncIterable<storageV1.TxnResponse> {
  let results: storageV1.WriteResult[] = [];
  let inFlight = 0;
  let ended = false;
  let changed = Promise.withResolvers<void>();
  const finish = (result: storageV1.WriteResult): void => {
    inFlight--;
    results.push(result);
    changed.resolve();
  };
  const read = async (): Promise<void> => {
    for await (const { writes } of input) {
      for (const write of writes) {
        inFlight++;
        store.write(fromWriteMessage(write)).then(
          (result) => finish(toResultMessage(write.id, result)),
          (error: unknown) => finish(toFailureMessage(write.id, error)),
        );
      }
    }
  };
  const reading = read()
    // The caller has gone; what it sent is done all the same.
    .catch(() => undefined)
    .finally(() => {
      ended = true;
      changed.resolve();
    });
  while (!ended || inFlight > 0 || results.length > 0) {
    await changed.promise;
    changed = Promise.withResolvers();
    const done = results;
    results = [];
    if (done.length > 0) yield { results: done };
  }
  await reading;
}

/** Splits into chunks of about a size; an empty list is one empty chunk. */
function chunksOf<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const chunks: T[][] = [[]];
  let size = 0;
  for (const item of items) {
    if (size > chunkBytes) {
      chunks.push([]);
      size = 0;
    }
    chunks.at(-1)!.push(item);
    size += sizeOf(item) + 100;
  }
  return chunks;
}
