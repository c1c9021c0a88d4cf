// Aggregated APIs: one real API server behind another.
import type { APIService, ConfigMap, CustomResourceDefinition, Service } from '@steersman/api';
import { systemClock, systemRandom } from '@steersman/api';
import { Client } from '@steersman/client';
import { createAuthority, issueCertificate, type KeyPair } from '@steersman/component-base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const tools = { clock: systemClock, random: systemRandom };
const stop = new AbortController();
const alice = tokenOf('alice');
let front: TestServer;
let behind: TestServer;
let proxy: KeyPair;
let client: Client;

const definition: CustomResourceDefinition = {
  kind: 'CustomResourceDefinition',
  apiVersion: 'apiextensions.k8s.io/v1',
  metadata: { name: 'flunders.wardle.example.com' },
  spec: {
    group: 'wardle.example.com',
    scope: 'Namespaced',
    names: { plural: 'flunders', kind: 'Flunder', singular: 'flunder', listKind: 'FlunderList', shortNames: ['fl'] },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } },
    ],
  },
} as unknown as CustomResourceDefinition;

const allow = async (server: TestServer, user: string, verbs: string[]): Promise<void> => {
  const api = new Client(server.api);
  const name = `${user}-flunders`;
  const rules = [{ apiGroups: ['wardle.example.com'], resources: ['*'], verbs }];
  await api.create({ kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name }, rules } as never);
  await api.create({
    kind: 'ClusterRoleBinding',
    apiVersion: 'rbac.authorization.k8s.io/v1',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
  } as never);
};

const availability = async (name: string): Promise<string | undefined> => {
  const { status } = await client.get('APIService', { name });
  return status?.conditions?.find(({ type }) => type === 'Available')?.reason;
};

const flunders = '/apis/wardle.example.com/v1/namespaces/default/flunders';
const flunder = (name: string) => ({ kind: 'Flunder', apiVersion: 'wardle.example.com/v1', metadata: { name }, spec: { size: 1 } });

beforeAll(async () => {
  const authority = await createAuthority('front-proxy', tools);
  proxy = await issueCertificate(authority, { subject: { commonName: 'front-proxy-client' }, usages: ['client'] }, tools);
  const requestHeader = { ca: authority.cert, allowedNames: ['front-proxy-client'] };
  [front, behind] = await Promise.all([
    testServer(stop.signal, { proxyClient: proxy, requestHeader, authenticators: [statedUsers] }),
    testServer(stop.signal, { requestHeader, hosts: ['wardle.default.svc'] }),
  ]);
  client = new Client(front.api);
  await new Client(behind.api).create(definition);
  await client.create({
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name: 'wardle', namespace: 'default' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  } as Service);
  await client.create<APIService>({
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: 'v1.wardle.example.com' },
    spec: {
      group: 'wardle.example.com',
      version: 'v1',
      groupPriorityMinimum: 17050,
      versionPriority: 15,
      caBundle: Buffer.from(behind.authority.cert).toString('base64'),
      service: { namespace: 'default', name: 'wardle', port: behind.port },
    },
  });
  await allow(front, 'alice', ['*']);
  await allow(behind, 'alice', ['create', 'get', 'list', 'watch']);
});
afterAll(() => stop.abort());

test('an API is available once its server answers', async () => {
  await expect.poll(() => availability('v1.wardle.example.com'), { timeout: 10_000 }).toBe('Passed');
});

test('an aggregated group stands in discovery where its priority puts it, in both forms', async () => {
  const { body } = await ask(front.port, 'GET', '/apis', { token: adminToken });
  const names = (body as unknown as { groups: { name: string }[] }).groups.map(({ name }) => name);
  expect(names[0]).toBe('apiregistration.k8s.io');
  expect(names.indexOf('wardle.example.com')).toBe(names.indexOf('policy') + 1);
  const Accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = await ask(front.port, 'GET', '/apis', { token: adminToken, headers: { Accept } });
  const groups = (aggregated.body as unknown as { items: { metadata: { name: string }; versions: object[] }[] }).items;
  expect(groups.find(({ metadata }) => metadata.name === 'wardle.example.com')?.versions).toMatchObject([
    {
      version: 'v1',
      freshness: 'Current',
      resources: [{ resource: 'flunders', scope: 'Namespaced', responseKind: { kind: 'Flunder' }, shortNames: ['fl'] }],
    },
  ]);
});

test('the OpenAPI documents of the other server are among those of this one', async () => {
  const v3 = '/openapi/v3/apis/wardle.example.com/v1';
  const index = await ask(front.port, 'GET', '/openapi/v3', { token: adminToken, headers: { Accept: 'application/json' } });
  const { serverRelativeURL } = (JSON.parse(index.text) as { paths: Record<string, { serverRelativeURL: string }> }).paths[
    'apis/wardle.example.com/v1'
  ]!;
  expect(serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/wardle.example.com\/v1\?hash=[0-9A-F]+$/);
  const document = await ask(front.port, 'GET', v3, { token: adminToken });
  expect(Object.keys(JSON.parse(document.text).paths)).toContain('/apis/wardle.example.com/v1/namespaces/{namespace}/flunders');
  const swagger = JSON.parse((await ask(front.port, 'GET', '/openapi/v2', { token: adminToken })).text);
  expect(Object.keys(swagger.definitions)).toContain('com.example.wardle.v1.Flunder');
  expect(Object.keys(swagger.paths)).toContain('/apis/wardle.example.com/v1/namespaces/{namespace}/flunders/{name}');
});

test('requests reach the other server under the name of their user, who needs rights on both', async () => {
  expect((await ask(front.port, 'POST', flunders, { token: alice, body: flunder('a') })).code).toBe(201);
  expect((await ask(front.port, 'GET', `${flunders}/a`, { token: alice })).body).toMatchObject({ kind: 'Flunder', spec: { size: 1 } });
  const there = await ask(front.port, 'DELETE', `${flunders}/a`, { token: alice });
  expect([there.code, there.body.message]).toEqual([403, expect.stringContaining('User "alice" cannot delete resource "flunders"')]);
  const here = await ask(front.port, 'GET', flunders, { token: tokenOf('bob') });
  expect([here.code, here.body.message]).toEqual([403, expect.stringContaining('User "bob" cannot list resource "flunders"')]);
});

test('nobody becomes another by headers', async () => {
  const headers = { 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters' };
  expect((await ask(front.port, 'DELETE', `${flunders}/a`, { token: alice, headers })).code).toBe(403);
  expect((await ask(behind.port, 'GET', flunders, { headers })).code).toBe(403);
});

test('the certificate of a proxy is nobody, but lets the proxy speak for users', async () => {
  expect((await ask(behind.port, 'GET', flunders, { ...proxy })).body.message).toContain('User "system:anonymous"');
  const headers = { 'X-Remote-User': 'alice', 'X-Remote-Group': 'a, b' };
  expect((await ask(behind.port, 'GET', flunders, { ...proxy, headers })).code).toBe(200);
});

test('the ConfigMap for aggregated servers names the authorities to trust', async () => {
  const { data } = await client.get('ConfigMap', { namespace: 'kube-system', name: 'extension-apiserver-authentication' });
  expect(data?.['requestheader-allowed-names']).toBe('["front-proxy-client"]');
  expect((data as ConfigMap['data'])?.['client-ca-file']).toBe(front.authority.cert);
});

test('an API whose service is missing says so, and answers 503 in words', async () => {
  await client.create<APIService>({
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name: 'v1.lost.example.com' },
    spec: {
      group: 'lost.example.com',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 15,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: 'lost', port: 443 },
    },
  });
  await expect.poll(() => availability('v1.lost.example.com')).toBe('ServiceNotFound');
  const { code, text } = await ask(front.port, 'GET', '/apis/lost.example.com/v1', { token: adminToken });
  expect([code, text]).toEqual([503, 'service unavailable\n']);
});

test('the server registers its own groups, and those of custom resources as long as there are any', async () => {
  expect(await availability('v1.')).toBe('Local');
  expect(await availability('v1.apps')).toBe('Local');
  await new Client(behind.api).get('APIService', { name: 'v1.wardle.example.com' });
  await client.create({
    ...definition,
    metadata: { name: 'flunders.own.example.com' },
    spec: { ...definition.spec, group: 'own.example.com' },
  } as CustomResourceDefinition);
  await expect.poll(() => availability('v1.own.example.com').catch(() => 'absent')).toBe('Local');
  await client.delete('CustomResourceDefinition', { name: 'flunders.own.example.com' });
  await expect.poll(() => availability('v1.own.example.com').catch(() => 'absent'), { timeout: 5000 }).toBe('absent');
});
