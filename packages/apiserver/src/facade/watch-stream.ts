// A watch as the REST facade streams it: one JSON frame a line, encoded once for all watchers, with back-pressure.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@steersman/api';
import type { CacheEvent } from '../cache/resource-cache.js';
import type { WatchAnswer, WatchItem } from '../handler/watch.js';
import type { Accepted } from './accept.js';
import { partialMetadata, tableOf } from './representations.js';

const frames = new WeakMap<CacheEvent, Buffer>();
const frameEnd = Buffer.from('}\n');

const frameOf = (type: string, json: Buffer): Buffer => Buffer.concat([Buffer.from(`{"type":"${type}","object":`), json, frameEnd]);

function sharedFrame(event: CacheEvent): Buffer {
  let frame = frames.get(event);
  if (!frame) {
    frame = frameOf(event.type, event.object.json);
    frames.set(event, frame);
  }
  return frame;
}

export interface WatchStreamOptions {
  readonly accepted: Accepted;
  readonly clock: Clock;
  readonly includeObject: string;
}

/** Streams until the client goes away, the watch ends or `timeoutMs` is over. */
export async function streamWatch(
  request: IncomingMessage,
  response: ServerResponse,
  answer: WatchAnswer,
  options: WatchStreamOptions,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  let first = true;
  for await (const batch of answer.batches) {
    const chunks = batch.map((item) => {
      const frame = encode(answer, item, { ...options, first });
      if (item.type !== 'BOOKMARK') first = false;
      return frame;
    });
    if (response.destroyed) return;
    if (!response.write(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))) await drained(request, response);
  }
  response.end();
}

function drained(request: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      response.off('drain', finish);
      request.off('close', finish);
      resolve();
    };
    response.once('drain', finish);
    request.once('close', finish);
  });
}

function encode(
  { target }: WatchAnswer,
  item: WatchItem,
  { accepted, clock, includeObject, first }: WatchStreamOptions & { first: boolean },
): Buffer {
  const { definition } = target.served;
  switch (item.type) {
    case 'ERROR':
      return frameOf('ERROR', Buffer.from(JSON.stringify(item.error.status)));
    case 'BOOKMARK':
      return frameOf('BOOKMARK', Buffer.from(JSON.stringify(bookmark(definition.info, item, accepted))));
    default:
      if (accepted.as === 'Table')
        return frameOf(
          item.type,
          Buffer.from(
            JSON.stringify(tableOf(definition, [item.object], { version: accepted.version, nowMs: clock.now(), includeObject, withColumns: first })),
          ),
        );
      if (accepted.as !== 'object') return frameOf(item.type, Buffer.from(JSON.stringify(partialMetadata(item.object.object, accepted.version))));
      return item.source ? sharedFrame(item.source) : frameOf(item.type, item.object.json);
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
  return { kind: info.kind, apiVersion: info.group ? `${info.group}/${info.version}` : info.version, metadata };
}
