// Everything over HTTP that is not a resource: health, version, discovery, metrics, issuer discovery.
import { type Clock, pathNotFound, StatusError } from '@steersman/api';
import { answerHealth, type HealthCheck, type Registry as MetricsRegistry } from '@steersman/component-base';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { ServiceAccountTokens } from '../authn/service-account-tokens.js';
import type { Discovery } from '../discovery/discovery.js';
import type { OpenApiV2 } from '../openapi/openapi-v2.js';
import { hashOf, type OpenApiV3 } from '../openapi/openapi-v3.js';
import { versionInfo } from '../version.js';
import { aggregatedTypeOf, documentType, isPretty } from './accept.js';
import { encodedBody } from './encoded-body.js';
import { openApiRoutes, sendTagged } from './openapi-routes.js';
import { pageNotFound, sendError, sendObject } from './response.js';

export interface OtherRoutesOptions {
  readonly discovery: Discovery;
  readonly openApi: OpenApiV3;
  readonly swagger: OpenApiV2;
  readonly clock: Clock;
  readonly checks: readonly HealthCheck[];
  readonly metrics: MetricsRegistry;
  readonly tokens: ServiceAccountTokens;
  /** host:port that clients reach the server under. */
  readonly address: string;
}

const aggregatedForm = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

export function otherRoutes({ discovery, openApi, swagger, clock, checks, metrics, tokens, address }: OtherRoutesOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get(/^\/(healthz|livez|readyz)(\/.*)?$/, async (request, response) => {
    const answer = await answerHealth(request.url, checks);
    if (!answer) throw pathNotFound();
    response.status(answer.code).set({ 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }).send(answer.text);
  });
  app.get('/version', (_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(versionInfo, undefined, 2));
  });
  app.get('/metrics', async (_request, response) => void response.type(metrics.contentType).send(await metrics.metrics()));
  issuerRoutes(app, tokens, address);
  openApiRoutes(app, { openApi, swagger, clock });
  discoveryRoutes(app, discovery, address);
  app.use((request: Request, response: Response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') sendError(response, methodNotAllowed());
    else pageNotFound(response);
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => sendError(response, error));
  return app;
}

const methodNotAllowed = (): StatusError =>
  new StatusError({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource', details: {} });

/** What others verify service account tokens by; both documents may be kept for an hour. */
function issuerRoutes(app: Express, tokens: ServiceAccountTokens, address: string): void {
  const send = (response: Response, type: string, document: object): void => {
    response.setHeader('Content-Type', type);
    response.setHeader('Cache-Control', 'public, max-age=3600');
    response.end(JSON.stringify(document));
  };
  app.get('/openid/v1/jwks', async (_request, response) => send(response, 'application/jwk-set+json', await tokens.keys.keySet()));
  app.get('/.well-known/openid-configuration', (_request, response) =>
    send(response, 'application/json', {
      issuer: tokens.issuer,
      jwks_uri: tokens.settings.jwksUri ?? `https://${address}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: tokens.keys.algorithms,
    }),
  );
}

const rootPaths = [
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
  '/.well-known/openid-configuration',
];

/** Every path that can be asked for, as the root lists them. */
function pathList(discovery: Discovery): object {
  const groups = discovery.groups().flatMap(({ name, versions }) => [`/apis/${name}`, ...versions.map((version) => `/apis/${name}/${version}`)]);
  return { paths: [...rootPaths, '/api', '/api/v1', '/apis', ...groups].sort() };
}

function discoveryRoutes(app: Express, discovery: Discovery, address: string): void {
  const answer = (request: Request, response: Response, document: object | undefined): void => {
    if (!document) throw pathNotFound();
    sendObject(response, { code: 200, value: document, type: documentType(request), pretty: isPretty(request) });
  };
  app.get('/', (_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(pathList(discovery), undefined, 2));
  });
  for (const root of ['api', 'apis'] as const)
    app.get(`/${root}`, (request, response) => {
      response.setHeader('Vary', 'Accept');
      const type = aggregatedTypeOf(request.headers.accept);
      if (type) {
        const document = discovery.aggregated(root);
        sendTagged(request, response, {
          body: encodedBody(document, { type }),
          hash: hashOf(JSON.stringify(document)),
          type: `${type};${aggregatedForm}`,
        });
        return;
      }
      answer(request, response, root === 'api' ? discovery.coreVersions(address) : discovery.groupList());
    });
  app.get('/api/:version', (request, response) => answer(request, response, discovery.resourceList('', request.params.version)));
  app.get('/apis/:group', (request, response) => {
    const group = discovery.group(request.params.group);
    if (group) answer(request, response, group);
    else pageNotFound(response);
  });
  app.get('/apis/:group/:version', (request, response) =>
    answer(request, response, discovery.resourceList(request.params.group, request.params.version)),
  );
}
