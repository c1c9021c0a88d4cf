// One watch stream of etcd, as batches. Progress comes from progress requests. Before 3.4.25 and 3.5.8 etcd may answer one
// before it sends events up to that revision, so that an answer only counts once the next one has come, with no events in between.
import type { Clock } from '@steersman/api';
import type { IDuplexStream, IEvent, IWatchRequest, IWatchResponse } from 'etcd3/lib/rpc.js';
import type { StoreEvent, WatchBatch, WatchRequest } from '../store.js';
import { CompactedError } from '../store-error.js';
import { type EtcdClient, endBytes, startBytes, toKeyValue } from './etcd-client.js';

/** How often progress is asked for while nothing happens, and to confirm an answer. */
const progressMs = 2_000;
const soonMs = 50;
/**
 * Long enough for etcd's loop that brings a watch of the past up to date (every 100 ms) to have sent something, also on a machine
 * that has no time for it. Nobody waits for it but who watches keys that do not move.
 */
const confirmMs = 2_500;

type Stream = IDuplexStream<IWatchRequest, IWatchResponse>;

/** What makes open watches ask for progress soon: this client has written something. */
export type Nudges = Set<() => void>;

/** Runs until the stream breaks (throws) or the signal aborts. */
export async function* watchOnce(
  client: EtcdClient,
  request: WatchRequest,
  clock: Clock,
  signal: AbortSignal,
  nudges: Nudges,
): AsyncIterable<WatchBatch> {
  const stream = await client.watches.watch();
  const inbox = new Inbox(stream, signal);
  stream.write({
    create_request: { key: startBytes(request.start), range_end: endBytes(request.end), start_revision: request.after + 1, prev_kv: true },
  });
  const ask = (delayMs: number) => clock.after(delayMs, () => stream.write({ progress_request: {} }));
  let timer = ask(soonMs);
  let isSoon = true;
  const askIn = (delayMs: number): void => {
    timer.cancel();
    timer = ask(delayMs);
    isSoon = delayMs !== progressMs;
  };
  const nudge = (): void => {
    if (!isSoon) askIn(soonMs);
  };
  nudges.add(nudge);
  let position = request.after;
  let unconfirmed = 0;
  try {
    for (let response = await inbox.next(); response; response = await inbox.next()) {
      if (response.canceled) throw cancelled(response);
      if (response.events.length > 0) {
        const events = response.events.map(toEvent);
        unconfirmed = 0;
        position = events.at(-1)!.revision;
        askIn(progressMs);
        yield { events, revision: position };
      } else if (!response.created) {
        const confirmed = unconfirmed;
        unconfirmed = Number(response.header.revision);
        askIn(unconfirmed > confirmed && unconfirmed > position ? confirmMs : progressMs);
        if (confirmed <= position) continue;
        position = confirmed;
        yield { events: [], revision: position };
      }
    }
  } finally {
    nudges.delete(nudge);
    timer.cancel();
    inbox.close();
  }
}

/** The stream's responses in order; undefined once the signal aborts. */
class Inbox {
  private readonly responses: IWatchResponse[] = [];
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly stream: Stream,
    private readonly signal: AbortSignal,
  ) {
    stream.on('data', (response) => {
      this.responses.push(response);
      this.wake?.();
    });
    stream.on('error', (error) => this.fail(error));
    stream.on('end', () => this.fail(new Error('etcd ended the watch stream')));
    signal.addEventListener('abort', this.interrupt, { once: true });
  }

  async next(): Promise<IWatchResponse | undefined> {
    while (this.responses.length === 0 && !this.failure && !this.signal.aborted) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.signal.aborted) return undefined;
    const response = this.responses.shift();
    if (!response && this.failure) throw this.failure;
    return response;
  }

  close(): void {
    this.signal.removeEventListener('abort', this.interrupt);
    this.stream.cancel();
  }

  private readonly interrupt = (): void => this.wake?.();

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }
}

function cancelled(response: IWatchResponse): Error {
  const compactRevision = Number(response.compact_revision);
  return compactRevision > 0 ? new CompactedError(compactRevision) : new Error(`etcd cancelled the watch: ${response.cancel_reason}`);
}

function toEvent({ type, kv, prev_kv }: IEvent): StoreEvent {
  const previous = prev_kv && toKeyValue(prev_kv);
  const item = toKeyValue(kv);
  const event = { key: item.key, revision: item.modRevision, ...(previous && { previous }) };
  if (type === 'Put') return { type: 'put', ...event, value: item.value, createRevision: item.createRevision };
  return { type: 'delete', ...event, createRevision: previous?.createRevision ?? 0 };
}
