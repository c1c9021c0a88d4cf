// A request that does not go on for long has a minute, or the shorter time that it names: then it is answered with 504, and its
// connection closed, whether its body is slow to come, its answer slow to be read, or something behind the server slow to answer.
import type { ServerResponse } from 'node:http';
import { badRequest, type Clock, StatusError } from '@steersman/api';
import type { RequestInfo } from '../request/request-info.js';
import { sendError } from './response.js';

/** What a request has, unless the server is told otherwise. */
export const defaultRequestMs = 60_000;

const tooLate = (): StatusError =>
  new StatusError({ code: 504, reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout', details: {} });

/** Keeps the deadline of a request. Throws 400 where it names one that is no time. */
export function keepDeadline(response: ServerResponse, { query }: RequestInfo, { clock, mostMs }: { clock: Clock; mostMs: number }): void {
  const asked = askedMs(query.get('timeout') ?? '');
  const timer = clock.after(asked > 0 ? Math.min(asked, mostMs) : mostMs, () => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.shouldKeepAlive = false;
    sendError(response, tooLate());
  });
  response.once('close', () => timer.cancel());
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 };
/** As Go writes durations. */
const duration = /^[+-]?(0|((\d+(\.\d*)?|\.\d+)(h|m|s|ms|us|µs|ns))+)$/;

function askedMs(text: string): number {
  if (text === '') return 0;
  if (!duration.test(text)) throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`);
  const ms = [...text.matchAll(/([\d.]+)([a-zµ]+)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  return text.startsWith('-') ? -ms : ms;
}
