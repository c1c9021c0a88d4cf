// Requests over TLS to services elsewhere: JSON that is posted, and what is answered.
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '@steersman/api';
import { dialError } from '@steersman/component-base';

/** The other side could not be reached, or did not answer as it should. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

export interface Exchange {
  readonly url: URL;
  /** Where the URL's host is, if not where its name says. */
  readonly address?: { readonly host: string; readonly port: number };
  /** Posted as JSON; without one it is a GET. */
  readonly body?: unknown;
  readonly timeoutMs: number;
  readonly agent: Agent;
  readonly clock: Clock;
  /** PEM of the authority that the other side's certificate must be of; the machine's own authorities without it. */
  readonly ca?: string | Buffer;
  /** PEM of the client certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

const maxAnswerBytes = 16 * 1024 * 1024;

/** What was answered, as JSON; throws WebhookError. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WebhookError(`couldn't get version/kind; json parse error: ${(cause as Error).message}`, { cause });
  }
}

/** Gives the text of the answer; throws WebhookError. */
export function httpsExchange(exchange: Exchange): Promise<string> {
  const { url, address, timeoutMs, agent, clock, ca, cert, key, token } = exchange;
  const body = exchange.body === undefined ? undefined : JSON.stringify(exchange.body);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const { host, port } = address ?? { host: name, port: Number(url.port) || 443 };
  return new Promise((resolve, reject) => {
    const onward = request({
      host,
      port,
      path: url.pathname + url.search,
      method: body === undefined ? 'GET' : 'POST',
      agent,
      // TLS names servers, not addresses: those are checked against the certificate by the host.
      servername: isIP(name) ? '' : name,
      headers: {
        Accept: 'application/json',
        Host: url.host,
        ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      ...(ca && { ca }),
      ...(cert && key && { cert, key }),
    });
    const timer = clock.after(timeoutMs, () => onward.destroy(new Error('context deadline exceeded')));
    const fail = (cause: Error): void => {
      timer.cancel();
      reject(new WebhookError(`${body === undefined ? 'Get' : 'Post'} ${JSON.stringify(url.href)}: ${dialError(cause, host, port)}`, { cause }));
    };
    onward.on('error', fail);
    onward.on('response', (answer) => {
      readAnswer(answer).then((text) => {
        timer.cancel();
        const code = answer.statusCode ?? 0;
        if (code >= 200 && code < 300) resolve(text);
        else reject(new WebhookError(refusal(code, text)));
      }, fail);
    });
    onward.end(body);
  });
}

/** The text of an answer, which may not be of any size. */
export async function readAnswer(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxAnswerBytes) throw new Error('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

const refusal = (code: number, text: string): string =>
  code >= 500
    ? `an error on the server (${JSON.stringify(text.trim() || 'unknown')}) has prevented the request from succeeding`
    : `the server rejected our request with status ${code}: ${text.trim()}`;
