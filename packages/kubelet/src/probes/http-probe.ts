// HTTP requests of probes and hooks, with the words of Go's client where they fail.
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { HTTPHeader } from '@steersman/api';
import { dialError } from '@steersman/component-base';

export interface HttpTarget {
  readonly scheme?: string;
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly httpHeaders?: readonly HTTPHeader[];
  readonly timeoutMs: number;
  readonly userAgent: string;
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly body: string;
}

const timeoutWords = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

/** How much of an answer is read. */
const mostBytes = 10 * 1024;

const urlOf = ({ scheme = 'HTTP', host, port, path = '' }: HttpTarget): URL => {
  const address = host.includes(':') ? `[${host}]` : host;
  return new URL(`${scheme.toLowerCase()}://${address}:${port}${path.startsWith('/') || path === '' ? path : `/${path}`}`);
};

/** How Go writes the URL in errors: with the port, even where it is the scheme's own. */
const textOf = (target: HttpTarget): string => {
  const { pathname, search } = urlOf(target);
  const address = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${(target.scheme ?? 'HTTP').toLowerCase()}://${address}:${target.port}${target.path ? pathname + search : ''}`;
};

/** Sends a GET; rejects with what Go's client would say. */
export function httpRequest(target: HttpTarget): Promise<HttpAnswer> {
  const tls = target.scheme === 'HTTPS';
  const headers: Record<string, string> = { 'User-Agent': target.userAgent, Accept: '*/*', Connection: 'close' };
  for (const { name, value } of target.httpHeaders ?? []) headers[name] = value;
  const url = urlOf(target);
  return new Promise((resolve, reject) => {
    const fail = (words: string): void => reject(new Error(`Get "${textOf(target)}": ${words}`));
    const options = {
      method: 'GET',
      headers,
      agent: false,
      signal: AbortSignal.timeout(Math.max(1, target.timeoutMs)),
      ...(tls && { rejectUnauthorized: false }),
    };
    const request = (tls ? tlsRequest : plainRequest)(url, options, (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        if (size < mostBytes) parts.push(part);
        size += part.length;
      });
      response.on('error', (error) => fail(error.message));
      response.on('end', () => resolve({ statusCode: response.statusCode ?? 0, body: Buffer.concat(parts).subarray(0, mostBytes).toString() }));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error.name === 'TimeoutError' || error.code === 'ABORT_ERR') fail(timeoutWords);
      else if (tls && /wrong version number|packet length too long|EPROTO/.test(`${error.message} ${error.code}`))
        fail('http: server gave HTTP response to HTTPS client');
      else fail(dialError(error, target.host, target.port));
    });
    request.end();
  });
}
