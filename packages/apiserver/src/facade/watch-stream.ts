// A watch as the REST facade streams it, with back-pressure.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, groupVersion } from '@steersman/api';
import type { WatchAnswer, WatchItem } from '../handler/watch.js';
import type { Accepted } from './accept.js';
import { partialMetadata, tableOf } from './representations.js';
import { watchFormat } from './watch-format.js';
import type { WatchPace } from './watch-pace.js';

/** How events are shown. */
export interface WatchFrameOptions {
  readonly accepted: Accepted;
  readonly clock: Clock;
  readonly includeObject: string;
}

export interface WatchStreamOptions extends WatchFrameOptions {
  readonly pace: WatchPace;
}

/** Streams until the client goes away, the watch ends or `timeoutMs` is over. */
export async function streamWatch(
  request: IncomingMessage,
  response: ServerResponse,
  answer: WatchAnswer,
  options: WatchStreamOptions,
): Promise<void> {
  const format = watchFormat(options.accepted.type);
  response.writeHead(200, { 'Content-Type': format.contentType, 'Cache-Control': 'no-cache, private', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  const pause = options.pace.join();
  let first = true;
  for await (const batch of answer.batches) {
    let chunks: Buffer[] = [];
    let size = 0;
    for (const [index, item] of batch.entries()) {
      const frame = watchFrame(answer, item, { ...options, first });
      if (item.type !== 'BOOKMARK') first = false;
      chunks.push(frame);
      size += frame.length;
      if (size < pieceBytes && index < batch.length - 1) continue;
      if (response.destroyed) return;
      const full = !response.write(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
      if (full && !(await drained(request, response, { over: answer.over, clock: options.clock }))) return;
      chunks = [];
      size = 0;
    }
    await pause();
  }
  response.end();
}

/** So much is encoded at a time: a watcher that does not read holds no more than that. */
export const pieceBytes = 64 * 1024;

/** Who reads nothing at all for so long is gone, or as good as gone. */
const stalledMs = 60_000;

/** Waits until the client has read. Who has not when its watch is over, has fallen too far behind or reads nothing, is cut off. */
function drained(request: IncomingMessage, response: ServerResponse, { over, clock }: { over: AbortSignal; clock: Clock }): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (): void => {
      response.off('drain', finish);
      request.off('close', finish);
      over.removeEventListener('abort', cut);
      timer.cancel();
      resolve(!response.destroyed);
    };
    const cut = (): void => {
      response.destroy();
      finish();
    };
    const timer = clock.after(stalledMs, cut);
    response.once('drain', finish);
    request.once('close', finish);
    over.addEventListener('abort', cut);
    if (over.aborted) cut();
  });
}

/** An event as the client accepts it; `first`: no object was shown yet. */
export function watchFrame(
  { target }: WatchAnswer,
  item: WatchItem,
  { accepted, clock, includeObject, first }: WatchFrameOptions & { first: boolean },
): Buffer {
  const { definition } = target.served;
  const format = watchFormat(accepted.type);
  switch (item.type) {
    case 'ERROR':
      return format.frame('ERROR', item.error.status);
    case 'BOOKMARK':
      return format.frame('BOOKMARK', bookmark(definition.info, item, accepted));
    default: {
      const { version, as } = accepted;
      if (as === 'Table')
        return format.frame(item.type, tableOf(definition, [item.object], { version, nowMs: clock.now(), includeObject, withColumns: first }));
      if (as !== 'object') return format.frame(item.type, partialMetadata(item.object.object, version));
      return item.source ? format.shared(item.source) : format.objectFrame(item.type, item.object);
    }
  }
}

function bookmark(
  info: { group: string; version: string; kind: string },
  { revision, initialEventsEnd }: { revision: number; initialEventsEnd: boolean },
  accepted: Accepted,
): object {
  const metadata = {
    resourceVersion: String(revision),
    ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
  };
  if (accepted.as === 'Table')
    return {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${accepted.version}`,
      metadata: { resourceVersion: String(revision) },
      columnDefinitions: null,
      rows: [],
    };
  if (accepted.as !== 'object') return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${accepted.version}`, metadata };
  return { kind: info.kind, apiVersion: groupVersion(info), metadata };
}
