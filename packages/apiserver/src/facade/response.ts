// Writes answers of the REST facade: objects and statuses as the client accepts them, large ones compressed, with warnings.
import type { ServerResponse } from 'node:http';
import { constants, gzip } from 'node:zlib';
import { PageNotFound, type Status, toStatusError } from '@steersman/api';
import { PlainInternalError } from '../request/plain-internal-error.js';
import { isPretty, plainTypeOf } from './accept.js';
import { type BodyForm, encodedBody } from './encoded-body.js';
import type { Pieces } from './list-body.js';
import { warningHeaders } from './warning-headers.js';

export function setWarnings(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length === 0) return;
  const headers = warningHeaders(warnings);
  if (headers.length) response.setHeader('Warning', headers);
}

/** Answers larger than this are compressed for those who accept it. */
const compressedFrom = 128 * 1024;

export interface SentBytes {
  readonly code: number;
  readonly body: Buffer;
  readonly type?: string;
}

export function sendBytes(response: ServerResponse, { code, body, type = 'application/json' }: SentBytes): void {
  if (response.headersSent || response.destroyed) return;
  if (body.length > compressedFrom && acceptsGzip(response)) {
    sendCompressed(response, { code, body, type });
    return;
  }
  response.writeHead(code, ['Cache-Control', 'no-cache, private', 'Content-Type', type, 'Content-Length', String(body.length)]);
  response.end(body);
}

/** Sends a body as it is made, no faster than the client reads. */
export async function sendPieces(response: ServerResponse, { code, body, type }: { code: number; body: Pieces; type: string }): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(code, ['Cache-Control', 'no-cache, private', 'Content-Type', type, 'Content-Length', String(body.length)]);
  for (const piece of body.pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await new Promise<void>((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  response.end();
}

export const acceptsGzip = ({ req }: ServerResponse): boolean =>
  String(req.headers['accept-encoding'] ?? '')
    .split(',')
    .some((token) => token.trim() === 'gzip');

function sendCompressed(response: ServerResponse, { code, body, type }: Required<SentBytes>): void {
  gzip(body, { level: constants.Z_BEST_SPEED }, (error, compressed) => {
    if (response.headersSent || response.destroyed) return;
    if (error) {
      response.destroy(error);
      return;
    }
    response.writeHead(code, {
      'Content-Type': type,
      'Content-Encoding': 'gzip',
      'Content-Length': compressed.length,
      'Cache-Control': 'no-cache, private',
      Vary: 'Accept-Encoding',
    });
    response.end(compressed);
  });
}

/** Sends a value as the media type asked for. */
export function sendObject(response: ServerResponse, { code, value, type, pretty }: BodyForm & { code: number; value: object }): void {
  sendBytes(response, { code, body: encodedBody(value, { type, ...(pretty && { pretty }) }), type });
}

/** Sends anything thrown as its Status, as the client accepts it; indented JSON to those who accept nothing that there is. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return;
  if (error instanceof PageNotFound) {
    pageNotFound(response);
    return;
  }
  if (error instanceof PlainInternalError) {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const body = Buffer.from(`Internal Server Error: ${JSON.stringify(response.req.url)}: ${error.message}\n`);
    sendBytes(response, { code: 500, body, type: 'text/plain; charset=utf-8' });
    return;
  }
  const { status } = toStatusError(error);
  const retry = (status as Status).details?.retryAfterSeconds;
  if (retry !== undefined) response.setHeader('Retry-After', String(retry));
  const type = plainTypeOf(response.req.headers.accept);
  sendObject(response, { code: status.code, value: status, type: type ?? 'application/json', pretty: type === undefined || isPretty(response.req) });
}

/** The answer where nothing is served at all: words, not a Status. */
export function pageNotFound(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  sendBytes(response, { code: 404, body: Buffer.from('404 page not found\n'), type: 'text/plain; charset=utf-8' });
}
