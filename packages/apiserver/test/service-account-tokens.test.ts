// Service account tokens, as this server and others know them: discovery of the issuer, keys of every sort, what tokens are bound to.
import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ServiceAccountSettings } from '../src/authn/service-account-tokens.js';
import { adminToken, ask, statedUsers } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

let stop = new AbortController();
afterEach(() => stop.abort());

const core = { group: '', version: 'v1' };
const accounts = '/api/v1/namespaces/default/serviceaccounts';

async function start(serviceAccounts: ServiceAccountSettings = {}, serviceAccountKey?: string): Promise<TestServer> {
  stop = new AbortController();
  const server = await testServer(stop.signal, { authenticators: [statedUsers], serviceAccounts, ...(serviceAccountKey && { serviceAccountKey }) });
  await server.api.create(
    { ...core, resource: 'serviceaccounts', namespace: 'default' },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa' } },
    {},
  );
  return server;
}

async function tokenOf({ port }: TestServer, spec: object = {}): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const answer = await ask(port, 'POST', `${accounts}/sa/token`, { token: adminToken, body });
  expect(answer.code).toBe(201);
  return (answer.body as unknown as { status: { token: string } }).status.token;
}

const isKnown = async ({ port }: TestServer, token: string): Promise<boolean> => (await ask(port, 'GET', '/api', { token })).code === 200;

describe.each([
  ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })],
  ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' })],
  ['ES384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'pkcs8', format: 'pem' })],
])('tokens signed by %s', (algorithm, makeKey) => {
  it('are verified by what the issuer publishes, which accounts may read and others may not', async () => {
    const server = await start({}, String(makeKey()));
    const token = await tokenOf(server, { audiences: ['elsewhere'] });
    const own = await tokenOf(server);
    const configuration = await ask(server.port, 'GET', '/.well-known/openid-configuration', { token: own });
    expect(configuration.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' });
    expect(configuration.body).toMatchObject({
      issuer: 'https://kubernetes.default.svc',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    });
    const keys = await ask(server.port, 'GET', '/openid/v1/jwks', { token: own });
    expect(keys.headers).toMatchObject({ 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=3600' });
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys.body as unknown as JSONWebKeySet), {
      issuer: 'https://kubernetes.default.svc',
      audience: 'elsewhere',
    });
    expect(payload.sub).toBe('system:serviceaccount:default:sa');
    for (const path of ['/.well-known/openid-configuration', '/openid/v1/jwks']) expect((await ask(server.port, 'GET', path)).code).toBe(403);
    expect(await isKnown(server, own)).toBe(true);
    expect(await isKnown(server, token)).toBe(false);
  });
});

describe('keys and issuers that change', () => {
  it('leave the tokens of before good', async () => {
    const old = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const oldPem = String(old.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const first = await start({ issuers: ['https://old.example'] }, oldPem);
    const { metadata } = await first.api.get({ ...core, resource: 'serviceaccounts', namespace: 'default', name: 'sa' }, {});
    const token = await tokenOf(first);
    expect(decodeJwt(token).iss).toBe('https://old.example');
    stop.abort();
    const publicPem = String(old.publicKey.export({ type: 'spki', format: 'pem' }));
    const settings = { issuers: ['https://new.example', 'https://old.example'], verificationKeys: [publicPem] };
    const second = await start(settings);
    expect(decodeJwt(await tokenOf(second)).iss).toBe('https://new.example');
    // It is another account, as the store is another one; its signature is what is looked at first.
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
    const { status } = (await second.api.create(
      { group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews' },
      review,
      {},
    )) as unknown as { status: { error: string } };
    expect(status.error).toContain(`does not match claim (${metadata?.uid})`);
    stop.abort();
    const third = await start({ issuers: ['https://new.example', 'https://old.example'] });
    const unknown = (await third.api.create({ group: 'authentication.k8s.io', version: 'v1', resource: 'tokenreviews' }, review, {})) as unknown as {
      status: { error: string };
    };
    expect(unknown.status.error).toBe('invalid bearer token');
  });
});

describe('a token', () => {
  it('is no good without a signature, with another one, or for another audience', async () => {
    const server = await start();
    const token = await tokenOf(server);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const none = Buffer.from(JSON.stringify({ ...decodeProtectedHeader(token), alg: 'none' })).toString('base64url');
    const forged = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: 'system:serviceaccount:kube-system:admin' })).toString('base64url');
    for (const bad of [
      `${none}.${payload}.`,
      `${header}.${forged}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(1)}A`,
    ])
      expect(await isKnown(server, bad)).toBe(false);
    expect(await isKnown(server, token)).toBe(true);
  });

  it('ends with its account, and with the secret that it is bound to', async () => {
    const server = await start();
    const secrets = { ...core, resource: 'secrets', namespace: 'default' };
    await server.api.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bound' } }, {});
    const bound = await tokenOf(server, { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'bound' } });
    const token = await tokenOf(server);
    expect(await isKnown(server, bound)).toBe(true);
    await server.api.delete({ ...secrets, name: 'bound' }, {});
    await vi.waitFor(async () => expect(await isKnown(server, bound)).toBe(false));
    expect(await isKnown(server, token)).toBe(true);
    await server.api.delete({ ...core, resource: 'serviceaccounts', namespace: 'default', name: 'sa' }, {});
    await vi.waitFor(async () => expect(await isKnown(server, token)).toBe(false));
  });

  it('lives no longer than it may, and is for the audiences of the API unless it names others', async () => {
    const server = await start({ maxTokenSeconds: 3600, audiences: ['api', 'other'] });
    const { exp = 0, iat = 0, aud } = decodeJwt(await tokenOf(server, { expirationSeconds: 86_400 }));
    expect(exp - iat).toBe(3600);
    expect(aud).toEqual(['api', 'other']);
  });
});
