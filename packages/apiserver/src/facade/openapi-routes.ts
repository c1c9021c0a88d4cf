// The OpenAPI documents over HTTP: with entity tags, and for ever where their hash is asked for.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from '@steersman/api';
import type { Express, Request, Response } from 'express';
import type { OpenApiV2 } from '../openapi/openapi-v2.js';
import type { OpenApiV3 } from '../openapi/openapi-v3.js';
import { acceptClauses } from './accept-clauses.js';
import { acceptsGzip, pageNotFound } from './response.js';

const prefix = '/openapi/v3/';
const yearMs = 365 * 24 * 3600 * 1000;

/** Subtypes of `application` that can be asked for, with those that they are answered in: JSON, and protocol buffers. */
type Subtypes = Readonly<Record<string, string>>;

const v3Protobuf = 'com.github.proto-openapi.spec.v3.v1.0+protobuf';
const v3Types: Subtypes = { json: 'json', [v3Protobuf]: v3Protobuf, 'com.github.proto-openapi.spec.v3@v1.0+protobuf': v3Protobuf };

const v2Protobuf = 'com.github.proto-openapi.spec.v2.v1.0+protobuf';
const oldV2Protobuf = 'com.github.googleapis.gnostic.OpenAPIv2@68f4ded+protobuf';
const v2Types: Subtypes = {
  json: 'json',
  'com.github.proto-openapi.spec.v2@v1.0+protobuf': v2Protobuf,
  [v2Protobuf]: v2Protobuf,
  [oldV2Protobuf]: oldV2Protobuf,
};

export interface OpenApiRoutesOptions {
  readonly openApi: OpenApiV3;
  readonly swagger: OpenApiV2;
  readonly clock: Clock;
}

export function openApiRoutes(app: Express, { openApi, swagger, clock }: OpenApiRoutesOptions): void {
  app.get('/openapi/v2', async (request, response) => sendSwagger(request, response, swagger));
  app.get('/openapi/v3', async (_request, response) => {
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(`${JSON.stringify(await openApi.index())}\n`);
  });
  app.get(/^\/openapi\/v3\/(.+)$/, async (request, response) => {
    const name = request.path.slice(prefix.length);
    if (!openApi.serves(name)) return pageNotFound(response);
    response.setHeader('Vary', 'Accept');
    const subtype = accepts(request, v3Types);
    if (!subtype) return void response.status(406).end();
    const { text, hash } = await openApi.document(name);
    const asked = new URL(request.url, 'https://server').searchParams.get('hash');
    if (asked && asked !== hash) return response.redirect(301, `${prefix}${name}?hash=${hash}`);
    if (asked) {
      response.setHeader('Cache-Control', 'public, immutable');
      response.setHeader('Expires', new Date(clock.now() + yearMs).toUTCString());
    }
    const body = subtype === 'json' ? text : await openApi.protobuf(name);
    sendTagged(request, response, { body, hash, type: `application/${subtype}` });
  });
}

async function sendSwagger(request: Request, response: Response, swagger: OpenApiV2): Promise<void> {
  response.vary('Accept');
  const subtype = accepts(request, v2Types);
  if (!subtype) {
    response.status(406).end();
    return;
  }
  const { text, hash } = await swagger.document();
  const type = `application/${subtype}`;
  // Tags need not tell the two forms apart: they vary by what is accepted.
  if (isKnown(request, hash) || !acceptsGzip(response))
    sendTagged(request, response, { body: subtype === 'json' ? text : await swagger.protobuf(), hash, type });
  else {
    response.vary('Accept-Encoding');
    response.setHeader('Content-Encoding', 'gzip');
    sendTagged(request, response, { body: await compressed(subtype === 'json' ? text : await swagger.protobuf()), hash, type });
  }
}

const compressed = promisify<string | Buffer, Buffer>(gzip);

/** What the best clause that can be served is answered in. */
function accepts({ headers }: Request, subtypes: Subtypes): string | undefined {
  for (const { type, subtype } of acceptClauses(headers.accept ?? '*/*')) {
    if (type !== 'application' && type !== '*') continue;
    const found = Object.keys(subtypes).find((one) => subtype === '*' || subtype === one);
    if (found !== undefined) return subtypes[found];
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
  response.setHeader('Content-Type', type);
  response.setHeader('Etag', `"${hash}"`);
  response.vary('Accept');
  if (isKnown(request, hash)) response.status(304).end();
  else response.end(body);
}

function isKnown({ headers }: Request, hash: string): boolean {
  const tags = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  return tags?.some((one) => one === `"${hash}"` || one === '*') ?? false;
}
