// One request over a connection as it is, and its answer, within bounded time.
import { type Agent, request } from 'node:https';
import { gunzipSync } from 'node:zlib';
import type { FuzzRequest } from './requests.js';

export interface Answer {
  readonly code: number;
  readonly type: string;
  readonly bytes: Buffer;
}

/** Longer than this, nothing may take. */
const patienceMs = 20_000;

export class NoAnswer extends Error {}

export interface Connection {
  readonly port: number;
  readonly agent: Agent;
}

export function exchange({ port, agent }: Connection, { caller, method, path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all: Record<string, string> = Object.fromEntries(headers);
    if (caller === 'nobody') all['Impersonate-User'] = 'nobody';
    const sending = Buffer.from(body, 'latin1');
    if (sending.length && !all['Transfer-Encoding']) all['Content-Length'] = String(sending.length);
    const sent = request({ host: '127.0.0.1', port, agent, method, path, headers: all, setDefaultHeaders: true });
    const late = setTimeout(() => sent.destroy(new NoAnswer(`no answer within ${patienceMs} ms`)), patienceMs);
    sent.once('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    sent.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', (error) => {
        clearTimeout(late);
        reject(error);
      });
      answer.once('end', () => {
        clearTimeout(late);
        const bytes = Buffer.concat(chunks);
        resolve({
          code: answer.statusCode ?? 0,
          type: String(answer.headers['content-type'] ?? ''),
          bytes: answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes,
        });
      });
    });
    sent.end(sending);
  });
}
