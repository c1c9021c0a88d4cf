// A request for a watch, whatever its events are sent over: what is asked for, and for how long.
import type { IncomingMessage } from 'node:http';
import type { ApiHandler } from '../handler/api-handler.js';
import type { WatchAnswer, WatchRequest } from '../handler/watch.js';
import { acceptedOf } from './accept.js';
import { watchOptionsOf } from './request-options.js';
import type { ResourceRequest } from './resource-routes.js';
import { includeObjectOf } from './send-answer.js';
import type { WatchFrameOptions } from './watch-stream.js';

/** A watch ends by itself after so long, where its client does not say. */
const defaultSeconds = 1800;

export interface WatchAsked {
  readonly options: WatchRequest;
  readonly seconds: number;
  readonly frames: WatchFrameOptions;
}

/** Throws 400 and 406. */
export function watchAsked({ tools }: ApiHandler, request: IncomingMessage, info: ResourceRequest['info']): WatchAsked {
  const accepted = acceptedOf(tools, request, info.resource, { stream: true });
  const { timeoutSeconds, ...options } = watchOptionsOf(info.query);
  return { options, seconds: timeoutSeconds || defaultSeconds, frames: { accepted, clock: tools.clock, includeObject: includeObjectOf(info.query) } };
}

/** Begins the watch and lets `send` tell of it until the signal aborts, or its time is over. */
export async function followWatch(
  handler: ApiHandler,
  { info, context, signal }: Pick<ResourceRequest, 'info' | 'context' | 'signal'>,
  { options, seconds }: WatchAsked,
  send: (answer: WatchAnswer) => Promise<void>,
): Promise<void> {
  const timeout = new AbortController();
  const answer = await handler.watch(context, info.resource, options, AbortSignal.any([signal, timeout.signal]));
  const timer = handler.tools.clock.after(seconds * 1000, () => timeout.abort());
  try {
    await send(answer);
  } finally {
    timer.cancel();
    timeout.abort();
  }
}
