// The OpenAPI documents over HTTP: with entity tags, and for ever where their hash is asked for.
import type { Clock } from '@steersman/api';
import type { Express, Request, Response } from 'express';
import type { OpenApiV3 } from '../openapi/openapi-v3.js';
import { acceptClauses } from './accept-clauses.js';
import { pageNotFound } from './response.js';

const prefix = '/openapi/v3/';
const yearMs = 365 * 24 * 3600 * 1000;

export interface OpenApiRoutesOptions {
  readonly openApi: OpenApiV3;
  readonly clock: Clock;
}

export function openApiRoutes(app: Express, { openApi, clock }: OpenApiRoutesOptions): void {
  app.get('/openapi/v3', async (_request, response) => {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(`${JSON.stringify(await openApi.index())}\n`);
  });
  app.get(/^\/openapi\/v3\/(.+)$/, async (request, response) => {
    const name = request.path.slice(prefix.length);
    if (!openApi.serves(name)) return pageNotFound(response);
    response.setHeader('Vary', 'Accept');
    if (!accepts(request, ['json'])) return void response.status(406).end();
    const { text, hash } = await openApi.document(name);
    const asked = new URL(request.url, 'https://server').searchParams.get('hash');
    if (asked && asked !== hash) return response.redirect(301, `${prefix}${name}?hash=${hash}`);
    if (asked) {
      response.setHeader('Cache-Control', 'public, immutable');
      response.setHeader('Expires', new Date(clock.now() + yearMs).toUTCString());
    }
    sendTagged(request, response, { body: text, hash, type: 'application/json' });
  });
}

/** The first of the subtypes of `application` that the client accepts, the best clause first. */
function accepts({ headers }: Request, subtypes: readonly string[]): string | undefined {
  for (const { type, subtype } of acceptClauses(headers.accept ?? '*/*')) {
    if (type !== 'application' && type !== '*') continue;
    const found = subtypes.find((one) => subtype === '*' || subtype === one);
    if (found !== undefined) return found;
  }
  return undefined;
}

export interface Tagged {
  readonly body: string | Buffer;
  readonly hash: string;
  readonly type: string;
}

/** Sends a document, or 304 to those who have it. */
export function sendTagged(request: Request, response: Response, { body, hash, type }: Tagged): void {
  const tag = `"${hash}"`;
  response.setHeader('Content-Type', type);
  response.setHeader('Etag', tag);
  response.vary('Accept');
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known?.some((one) => one === tag || one === '*')) response.status(304).end();
  else response.end(body);
}
