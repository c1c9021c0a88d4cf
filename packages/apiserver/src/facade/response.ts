// Writes answers of the REST facade: objects and statuses as JSON or YAML, with warnings.
import type { ServerResponse } from 'node:http';
import { PageNotFound, type Status, toStatusError } from '@steersman/api';
import { stringify } from 'yaml';
import { PlainInternalError } from '../request/plain-internal-error.js';

export type MediaType = 'application/json' | 'application/yaml';

/** The Warning header of https://www.rfc-editor.org/rfc/rfc7234#section-5.5 */
const warningHeader = (text: string): string => `299 - "${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

const maxWarningLength = 4096;

export function setWarnings(response: ServerResponse, warnings: readonly string[]): void {
  const unique = [...new Set(warnings)].map((text) => text.replace(/[\r\n]+/g, ' ').slice(0, maxWarningLength));
  if (unique.length) response.setHeader('Warning', unique.map(warningHeader));
}

export function sendBytes(response: ServerResponse, { code, body, type = 'application/json' }: { code: number; body: Buffer; type?: string }): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-cache, private' });
  response.end(body);
}

/** Sends a value as the media type asked for. */
export function sendObject(response: ServerResponse, { code, value, type }: { code: number; value: unknown; type: MediaType }): void {
  const body =
    type === 'application/yaml' ? Buffer.from(stringify(value, { version: '1.1', lineWidth: 0 })) : Buffer.from(`${JSON.stringify(value)}\n`);
  sendBytes(response, { code, body, type });
}

/** Sends anything thrown as its Status. */
export function sendError(response: ServerResponse, error: unknown, type: MediaType = 'application/json'): void {
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
  sendObject(response, { code: status.code, value: status, type });
}

/** The answer where nothing is served at all: words, not a Status. */
export function pageNotFound(response: ServerResponse): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  sendBytes(response, { code: 404, body: Buffer.from('404 page not found\n'), type: 'text/plain; charset=utf-8' });
}
