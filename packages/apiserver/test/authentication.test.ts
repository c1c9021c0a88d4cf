// Who is let in and as whom: bootstrap tokens, issuers of tokens, a webhook, certificates, anonymous users.
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock, systemRandom } from '@steersman/api';
import { createAuthority, issueCertificate, type KeyPair } from '@steersman/component-base';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnonymousAccess } from '../src/authn/authentication.js';
import { parseAuthenticationConfiguration } from '../src/authn/jwt/authentication-configuration.js';
import { JwtAuthenticator } from '../src/authn/jwt/jwt-authenticator.js';
import { signingAlgorithms } from '../src/authn/jwt/jwt-issuer.js';
import { TokenWebhook } from '../src/authn/token-webhook.js';
import { RemoteService } from '../src/webhooks/remote-service.js';
import { ask } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const tools = { clock: systemClock, random: systemRandom };
const stop = new AbortController();
const audiences = ['https://kubernetes.default.svc'];
let server: TestServer;
let ca: KeyPair;
let elsewhere: Server;
let url: string;
let keys: GenerateKeyPairResult[];
let published = 1;
let anonymous: AnonymousAccess = { enabled: true };
const reviews: { spec: { token: string } }[] = [];

const answers: Readonly<Record<string, object>> = {
  known: { authenticated: true, user: { username: 'webhooked', uid: '7', groups: ['g'], extra: { k: ['v'] } } },
  wrong: { authenticated: false, error: 'so wrong' },
};

/** An issuer and a webhook on one server with a certificate of its own authority. */
async function startElsewhere(): Promise<void> {
  ca = await createAuthority('elsewhere', tools);
  const serving = await issueCertificate(ca, { subject: { commonName: 'localhost' }, hosts: ['localhost'], usages: ['server'] }, tools);
  keys = [await generateKeyPair('RS256', { extractable: true }), await generateKeyPair('RS256', { extractable: true })];
  elsewhere = createServer(serving, async (request, response) => {
    response.setHeader('Content-Type', 'application/json');
    if (request.url === '/.well-known/openid-configuration') response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
    else if (request.url === '/keys') {
      const shown = keys
        .slice(0, published)
        .map(async ({ publicKey }, index) => ({ ...(await exportJWK(publicKey)), kid: `key${index}`, alg: 'RS256' }));
      response.end(JSON.stringify({ keys: await Promise.all(shown) }));
    } else {
      let text = '';
      for await (const part of request) text += String(part);
      const review = JSON.parse(text) as (typeof reviews)[number];
      reviews.push(review);
      response.end(JSON.stringify({ ...review, status: answers[review.spec.token] ?? { authenticated: false } }));
    }
  }).listen(0, 'localhost');
  await once(elsewhere, 'listening');
  url = `https://localhost:${(elsewhere.address() as AddressInfo).port}`;
}

const configurationText = (): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
  - issuer:
      url: ${url}
      audiences: [app, other]
      audienceMatchPolicy: MatchAny
      certificateAuthority: ${JSON.stringify(ca.cert)}
    claimValidationRules:
      - { claim: hd, requiredValue: example.com }
      - { expression: 'claims.exp - claims.iat <= 86400', message: too long a life }
    claimMappings:
      username: { expression: '"oidc:" + claims.sub' }
      groups: { claim: roles, prefix: 'oidc:' }
      uid: { claim: sub }
      extra: [{ key: example.com/tenant, valueExpression: 'claims.tenant' }]
    userValidationRules:
      - { expression: "!user.username.startsWith('oidc:root')", message: reserved }
`;

beforeAll(async () => {
  await startElsewhere();
  const { jwt } = parseAuthenticationConfiguration(configurationText(), 'file', audiences[0]!);
  const issuers = jwt.map((issuer) => new JwtAuthenticator({ issuer, algorithms: signingAlgorithms, clock: systemClock, audiences }));
  const service = new RemoteService({ config: { server: `${url}/review`, ca: ca.cert }, clock: systemClock, timeoutMs: 5000, firstPauseMs: 10 });
  const webhook = new TokenWebhook({ service, version: 'v1', cacheMs: 60_000, clock: systemClock, audiences });
  server = await testServer(stop.signal, {
    authentication: { bootstrapTokens: true, anonymous: () => anonymous, tokens: () => [...issuers, webhook] },
  });
});
afterAll(() => {
  stop.abort();
  elsewhere.closeAllConnections();
  elsewhere.close();
});

const claims = { hd: 'example.com', roles: ['dev', 'ops'], tenant: 'acme' };

const jwtOf = (subject: string, more: object = {}, { key = 0, life = '1h' } = {}): Promise<string> =>
  new SignJWT({ ...claims, ...more })
    .setProtectedHeader({ alg: 'RS256', kid: `key${key}` })
    .setIssuer(url)
    .setSubject(subject)
    .setAudience('app')
    .setIssuedAt()
    .setExpirationTime(life)
    .sign(keys[key]!.privateKey);

const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };

/** Who the server takes a token's bearer for; the code where it does not know. */
async function userOf(token?: string): Promise<unknown> {
  const answer = await ask(server.port, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
    ...(token !== undefined && { token }),
    body: review,
  });
  return answer.code === 201 ? (answer.body as unknown as { status: { userInfo: object } }).status.userInfo : answer.code;
}

const tokenSecret = (id: string, data: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'bootstrap.kubernetes.io/token',
  metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
  stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...data },
});

describe('bootstrap tokens', () => {
  const create = (id: string, data: Record<string, string> = {}): Promise<unknown> =>
    server.api.create({ group: '', version: 'v1', resource: 'secrets', namespace: 'kube-system' }, tokenSecret(id, data), {});

  it('are taken for their groups, until they expire', async () => {
    await create('aaaaaa', { 'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token' });
    await create('bbbbbb', { expiration: '2020-01-01T00:00:00Z' });
    await create('cccccc', { expiration: '2120-01-01T00:00:00Z' });
    await create('dddddd', { 'usage-bootstrap-authentication': 'false' });
    await create('eeeeee', { 'auth-extra-groups': 'system:masters' });
    await create('ffffff', { expiration: 'some day' });
    expect(await userOf('aaaaaa.0123456789abcdef')).toEqual({
      username: 'system:bootstrap:aaaaaa',
      groups: ['system:bootstrappers', 'system:bootstrappers:kubeadm:default-node-token', 'system:authenticated'],
    });
    expect(await userOf('cccccc.0123456789abcdef')).toMatchObject({
      username: 'system:bootstrap:cccccc',
      groups: ['system:bootstrappers', 'system:authenticated'],
    });
    for (const token of [
      'aaaaaa.0123456789abcdee',
      'bbbbbb.0123456789abcdef',
      'dddddd.0123456789abcdef',
      'eeeeee.0123456789abcdef',
      'ffffff.0123456789abcdef',
      'gggggg.0123456789abcdef',
    ])
      expect([token, await userOf(token)]).toEqual([token, 401]);
  });
});

describe('tokens of issuers', () => {
  it('are mapped to users by claims and expressions', async () => {
    expect(await userOf(await jwtOf('ann'))).toEqual({
      username: 'oidc:ann',
      uid: 'ann',
      groups: ['oidc:dev', 'oidc:ops', 'system:authenticated'],
      extra: { 'example.com/tenant': ['acme'] },
    });
    expect(await userOf(await jwtOf('bob', { roles: 'dev', tenant: '' }))).toEqual({
      username: 'oidc:bob',
      uid: 'bob',
      groups: ['oidc:dev', 'system:authenticated'],
    });
  });

  it('are refused where a rule is broken, the audience is another, or the signature is', async () => {
    expect(await userOf(await jwtOf('ann', { hd: 'elsewhere.com' }))).toBe(401);
    expect(await userOf(await jwtOf('root1'))).toBe(401);
    expect(await userOf(await jwtOf('ann', {}, { life: '2d' }))).toBe(401);
    const unsigned = (await jwtOf('ann')).replace(/\.[^.]*$/, '.');
    expect(await userOf(unsigned)).toBe(401);
    const other = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'key0' })
      .setIssuer(url)
      .setSubject('ann')
      .setAudience('third')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(keys[0]!.privateKey);
    expect(await userOf(other)).toBe(401);
    const eternal = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'key0' })
      .setIssuer(url)
      .setSubject('ann')
      .setAudience('app')
      .setIssuedAt()
      .sign(keys[0]!.privateKey);
    expect(await userOf(eternal)).toBe(401);
  });

  it('may be signed by keys that come later', async () => {
    expect(await userOf(await jwtOf('ann', {}, { key: 1 }))).toBe(401);
    published = 2;
    await expect
      .poll(async () => userOf(await jwtOf('ann', {}, { key: 1 })), { timeout: 5000, interval: 300 })
      .toMatchObject({ username: 'oidc:ann' });
  });
});

describe('a configuration of issuers', () => {
  const refusal = (change: (text: string) => string): string => {
    try {
      parseAuthenticationConfiguration(change(configurationText()), 'auth.yaml', audiences[0]!);
    } catch (error) {
      return (error as Error).message;
    }
    return 'none';
  };

  it('is refused in one line that says what is wrong', () => {
    expect(refusal((text) => text)).toBe('none');
    expect(refusal((text) => text.replace(url, 'http://a.example'))).toBe(
      'auth.yaml: jwt[0].issuer.url: Invalid value: "http://a.example": URL scheme must be https',
    );
    expect(refusal((text) => text.replace(url, audiences[0]!))).toContain('URL must not overlap with disallowed issuers');
    expect(refusal((text) => text.replace('claims.sub', 'claim.sub'))).toContain("undeclared reference to 'claim'");
    expect(refusal((text) => text.replace('claims.sub', 'claims.email'))).toContain('claims.email_verified must be used in');
    expect(refusal((text) => text.replace(", prefix: 'oidc:'", ''))).toContain('jwt[0].claimMappings.groups.prefix: Required value');
    expect(refusal((text) => `${text}anonymous: { enabled: false, conditions: [{ path: /livez }] }`)).toContain(
      'enabled should be set to true when conditions are defined',
    );
  });
});

describe('tokens that a webhook knows', () => {
  it('are asked about once in a while', async () => {
    expect(await userOf('known')).toEqual({ username: 'webhooked', uid: '7', groups: ['g', 'system:authenticated'], extra: { k: ['v'] } });
    expect(await userOf('known')).toMatchObject({ username: 'webhooked' });
    expect(await userOf('never')).toBe(401);
    expect(await userOf('never')).toBe(401);
    expect(reviews.map(({ spec }) => spec.token).filter((token) => token === 'known' || token === 'never')).toEqual(['known', 'never']);
    expect(reviews[0]).toMatchObject({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { audiences } });
  });

  it('are reviewed by what the webhook says', async () => {
    const reviewed = async (token: string, asked?: string[]): Promise<unknown> => {
      const spec = { token, ...(asked && { audiences: asked }) };
      const place = { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews' };
      return (
        (await server.api.create(place, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec }, {})) as unknown as { status: unknown }
      ).status;
    };
    expect(await reviewed('known')).toMatchObject({ authenticated: true, user: { username: 'webhooked' }, audiences });
    expect(await reviewed('wrong')).toEqual({ user: {}, error: '[invalid bearer token, so wrong]' });
    expect(await reviewed('known', ['elsewhere'])).toEqual({ user: {}, error: 'invalid bearer token' });
  });
});

describe('who brings nothing', () => {
  it('is anonymous, where that is allowed', async () => {
    expect(await userOf()).toBe(403);
    expect((await ask(server.port, 'GET', '/version')).code).toBe(200);
    anonymous = { enabled: true, paths: ['/livez'] };
    expect((await ask(server.port, 'GET', '/livez')).code).toBe(200);
    expect((await ask(server.port, 'GET', '/version')).code).toBe(401);
    anonymous = { enabled: false };
    expect((await ask(server.port, 'GET', '/livez')).code).toBe(401);
    anonymous = { enabled: true };
  });
});

describe('client certificates', () => {
  it('say who somebody is where the authority signed them, and are refused where another did', async () => {
    const subject = { commonName: 'ann', organizations: ['dev'] };
    const good = await issueCertificate(server.authority, { subject, usages: ['client'] }, tools);
    const bad = await issueCertificate(ca, { subject, usages: ['client'] }, tools);
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    expect((await ask(server.port, 'POST', path, { ...good, body: review })).body).toMatchObject({
      status: { userInfo: { username: 'ann', groups: ['dev', 'system:authenticated'] } },
    });
    expect((await ask(server.port, 'POST', path, { ...bad, body: review })).code).toBe(401);
    expect((await ask(server.port, 'POST', path, { ...bad, token: 'known', body: review })).body).toMatchObject({
      status: { userInfo: { username: 'webhooked' } },
    });
  });
});
