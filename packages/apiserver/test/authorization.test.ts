// Authorizers that are chosen: a webhook among them, asked when a request comes in and remembered.
import { silentLogger, systemClock } from '@steersman/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAuthorizationConfiguration } from '../src/authz/authorization-configuration.js';
import type { AuthorizerChoice } from '../src/authz/create-authorizer.js';
import { ReviewConditions } from '../src/authz/review-conditions.js';
import { WebhookAuthorizer, type WebhookAuthorizerOptions } from '../src/authz/webhook-authorizer.js';
import { ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

interface Spec {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly resourceAttributes?: { readonly verb?: string; readonly resource?: string; readonly name?: string };
  readonly nonResourceAttributes?: { readonly path?: string };
}

let asked: Spec[] = [];
let stop = new AbortController();

/** Allows ann to read, denies bob outright, knows nothing of others, and is broken for eve. */
const service: WebhookAuthorizerOptions['service'] = {
  post: async (body) => {
    const { spec } = body as { spec: Spec };
    asked.push(spec);
    if (spec.user === 'eve') throw new Error('out of order');
    const reads = ['get', 'list', 'watch'].includes(spec.resourceAttributes?.verb ?? '') || spec.nonResourceAttributes?.path === '/metrics';
    const status =
      spec.user === 'ann' && reads
        ? { allowed: true, reason: 'reads' }
        : spec.user === 'bob'
          ? { allowed: false, denied: true, reason: 'not bob' }
          : { allowed: false };
    return JSON.stringify({ ...(body as object), status });
  },
};

const webhook = (more: Partial<WebhookAuthorizerOptions> = {}): WebhookAuthorizer =>
  new WebhookAuthorizer({
    name: 'hook',
    service,
    version: 'v1',
    allowedMs: 60_000,
    deniedMs: 60_000,
    failurePolicy: 'NoOpinion',
    clock: systemClock,
    logger: silentLogger,
    ...more,
  });

async function start(...authorization: AuthorizerChoice[]): Promise<TestServer> {
  stop = new AbortController();
  return testServer(stop.signal, { authenticators: [statedUsers], authorization: () => authorization });
}

const code = async ({ port }: TestServer, user: string, path: string, method = 'GET'): Promise<number> =>
  (await ask(port, method, path, { token: tokenOf(user), ...(method === 'POST' && { body: {} }) })).code;

const pods = '/api/v1/namespaces/default/pods';

beforeEach(() => {
  asked = [];
});
afterEach(() => stop.abort());

describe('a webhook that authorizes', () => {
  it('is asked about what others did not allow, once in a while', async () => {
    const server = await start('RBAC', webhook());
    expect(await code(server, 'ann', pods)).toBe(200);
    expect(await code(server, 'ann', pods)).toBe(200);
    expect(await code(server, 'ann', '/version')).toBe(200);
    expect(await code(server, 'ann', '/metrics')).toBe(200);
    expect(await code(server, 'ann', pods, 'POST')).toBe(403);
    expect(await code(server, 'carol', pods)).toBe(403);
    const forAnn = asked.filter(({ user }) => user === 'ann');
    expect(forAnn.map(({ resourceAttributes, nonResourceAttributes }) => resourceAttributes?.verb ?? nonResourceAttributes?.path)).toEqual([
      'list',
      '/metrics',
      'create',
    ]);
    expect(forAnn[0]).toEqual({
      resourceAttributes: { namespace: 'default', verb: 'list', version: 'v1', resource: 'pods' },
      user: 'ann',
      groups: ['system:authenticated'],
    });
  });

  it('has the last word where it denies', async () => {
    const server = await start(webhook(), 'AlwaysAllow');
    expect(await code(server, 'bob', pods)).toBe(403);
    expect(await code(server, 'carol', pods)).toBe(200);
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'bob', resourceAttributes: { verb: 'get', resource: 'pods' } },
    };
    const { status } = (await server.api.create(
      { group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews' },
      review,
      {},
    )) as unknown as { status: object };
    expect(status).toEqual({ allowed: false, denied: true, reason: 'not bob' });
  });

  it('that fails leaves it to others, or refuses, as configured', async () => {
    expect(await code(await start(webhook(), 'AlwaysAllow'), 'eve', pods)).toBe(200);
    stop.abort();
    expect(await code(await start(webhook({ failurePolicy: 'Deny' }), 'AlwaysAllow'), 'eve', pods)).toBe(403);
  });

  it('may be taken in and out while the server runs', async () => {
    let choices: AuthorizerChoice[] = ['RBAC'];
    stop = new AbortController();
    const server = await testServer(stop.signal, { authenticators: [statedUsers], authorization: () => choices });
    expect(await code(server, 'ann', pods)).toBe(403);
    choices = ['RBAC', webhook()];
    expect(await code(server, 'ann', pods)).toBe(200);
    choices = ['RBAC'];
    expect(await code(server, 'ann', pods)).toBe(403);
  });

  it('is asked only where its conditions hold', async () => {
    const conditions = new ReviewConditions(["has(request.resourceAttributes) && request.resourceAttributes.namespace == 'default'"]);
    const server = await start('RBAC', webhook({ conditions }));
    expect(await code(server, 'ann', pods)).toBe(200);
    expect(await code(server, 'ann', '/api/v1/namespaces/other/pods')).toBe(403);
    expect(await code(server, 'ann', '/metrics')).toBe(403);
    expect(asked).toHaveLength(1);
  });
});

describe('a configuration of authorizers', () => {
  const read = (text: string): unknown =>
    parseAuthorizationConfiguration(`apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n${text}`, 'authz.yaml');
  const hook = 'timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, connectionInfo: { type: KubeConfigFile, kubeConfigFile: /k }';

  it('lists who is asked, or is refused in one line', () => {
    expect(read(`authorizers: [{ type: Webhook, name: w, webhook: { ${hook} } }, { type: Node, name: node }]`)).toMatchObject([
      { type: 'Webhook' },
      { type: 'Node' },
    ]);
    expect(() => read('authorizers: []')).toThrow('authorizers: Required value: at least one authorization mode must be defined');
    expect(() => read('authorizers: [{ type: ABAC, name: a }]')).toThrow('authorizers[0].type: Unsupported value: "ABAC"');
    expect(() => read('authorizers: [{ type: RBAC, name: a }, { type: RBAC, name: a }]')).toThrow(
      /authorizers\[1\].type: Duplicate value.*authorizers\[1\].name: Duplicate value/,
    );
    expect(() => read(`authorizers: [{ type: Webhook, name: w, webhook: { ${hook}, matchConditions: [{ expression: request.nothing }] } }]`)).toThrow(
      'authorizers[0].webhook.matchConditions[0].expression: Invalid value: "request.nothing"',
    );
  });
});
