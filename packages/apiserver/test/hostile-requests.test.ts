// Requests that once brought the server to answer with an error of its own, or to lose what it was given.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, type Asking, adminToken, ask, statedUsers, tokenOf } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
let server: TestServer;
const root = '/api/v1/namespaces/default';

const send = (method: string, path: string, body?: unknown, type?: string): Promise<Answered> => {
  const options: Asking = { token: adminToken, ...(body !== undefined && { body }), ...(type && { headers: { 'Content-Type': type } }) };
  return ask(server.port, method, path, options);
};

beforeAll(async () => {
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
});
afterAll(() => stop.abort());

describe('keys that objects inherit', () => {
  const dataOf = ({ text }: Answered): object => (JSON.parse(text) as { data: object }).data;
  const configMap = (name: string, data: string): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},"data":${data}}`;
  const strange = '{"__proto__":"x","constructor":"y"}';

  it('are data like any other, however they come in', async () => {
    const path = `${root}/configmaps/strange`;
    expect(JSON.stringify(dataOf(await send('POST', `${root}/configmaps`, configMap('strange', strange))))).toBe(strange);
    for (const [type, data] of [
      ['application/merge-patch+json', '{"data":{"__proto__":"1"}}'],
      ['application/strategic-merge-patch+json', '{"data":{"__proto__":"2"}}'],
      ['application/json-patch+json', '[{"op":"replace","path":"/data/__proto__","value":"3"}]'],
    ] as const) {
      const value = /\d/.exec(data)![0];
      expect(JSON.stringify(dataOf(await send('PATCH', path, data, type)))).toBe(`{"__proto__":"${value}","constructor":"y"}`);
    }
    const applied = await send(
      'PATCH',
      `${path}?fieldManager=m&force=true`,
      configMap('strange', '{"__proto__":"4"}'),
      'application/apply-patch+yaml',
    );
    expect(JSON.stringify(dataOf(applied))).toBe('{"__proto__":"4","constructor":"y"}');
    expect(JSON.stringify(dataOf(await send('GET', path)))).toBe('{"__proto__":"4","constructor":"y"}');
    expect({}).not.toHaveProperty('polluted');
  });

  it('are no limits of a LimitRange', async () => {
    const limits = [{ type: 'Container', maxLimitRequestRatio: { constructor: '1' } }];
    const answer = await send('POST', `${root}/limitranges`, { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits } });
    expect(answer.code).toBe(422);
    expect(answer.body.message).toContain('maxLimitRequestRatio[constructor]');
  });
});

it('says in a header what letters it can, and goes on', async () => {
  const answer = await send('POST', `${root}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'letters' },
    'ключ\u0000': 1,
    ключ: 1,
  });
  expect(answer.code).toBe(201);
  expect(Buffer.from(String(answer.headers['warning']), 'latin1').toString()).toBe('299 - "unknown field \\"ключ\\""');
});

describe('patches that are no objects', () => {
  const path = `${root}/configmaps/letters`;

  it.each(['""', '"x"', '[]', '7', 'true'])('are refused: %s', async (patch) => {
    for (const type of ['application/merge-patch+json', 'application/strategic-merge-patch+json']) {
      const answer = await send('PATCH', path, patch, type);
      expect(answer.code).toBe(400);
      expect(answer.body.message).toMatch(/json: cannot unmarshal \w+ into Go value of type map\[string\]interface \{\}$/);
    }
  });

  it('change nothing where they are null', async () => {
    for (const type of ['application/merge-patch+json', 'application/strategic-merge-patch+json'])
      expect((await send('PATCH', path, 'null', type)).code).toBe(200);
  });
});

describe('options of deletions', () => {
  it.each([
    ['{"dryRun":"All"}', 'json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string'],
    ['{"preconditions":[]}', 'json: cannot unmarshal array into Go struct field DeleteOptions.preconditions of type v1.Preconditions'],
    ['{"orphanDependents":"x"}', 'json: cannot unmarshal string into Go struct field DeleteOptions.orphanDependents of type bool'],
  ])('are refused where they are of other types: %s', async (body, message) => {
    const answer = await send('DELETE', `${root}/configmaps/letters`, body);
    expect(answer.body).toMatchObject({ code: 400, message });
  });

  it('are those of the body, where there is one', async () => {
    await send('POST', `${root}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gone' } });
    expect((await send('DELETE', `${root}/configmaps/gone?dryRun=All`, '{}')).code).toBe(200);
    expect((await send('GET', `${root}/configmaps/gone`)).code).toBe(404);
  });
});

it.each([
  ['replicationcontrollers/a/scale', 'Scale', { spec: 'x' }],
  ['pods/a/binding', 'Binding', { target: 'x' }],
  ['pods/a/eviction', 'Eviction', { deleteOptions: 'x' }],
  ['serviceaccounts/a/token', 'TokenRequest', { spec: 'x' }],
])('refuses a body of %s whose fields are of other types', async (path, kind, fields) => {
  const method = path.endsWith('scale') ? 'PUT' : 'POST';
  await send('POST', `${root}/serviceaccounts`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  await send('POST', `${root}/replicationcontrollers`, {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name: 'a' },
    spec: { template },
  });
  const answer = await send(method, `${root}/${path}`, { kind, ...fields });
  expect(answer.body).toMatchObject({ code: 400, reason: 'BadRequest' });
  expect(answer.body.message).toContain('cannot be handled as a');
});

it('refuses slices whose endpoints have no addresses', async () => {
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [{}] };
  const answer = await send('POST', `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices`, slice);
  expect(answer.body.message).toContain('endpoints[0].addresses: Required value');
});

it('takes keys without a letter where it shows what is forbidden', async () => {
  const path = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
  const claim = (parameters: object): object => ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name: 'a' },
    spec: {
      devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'a' } }], config: [{ opaque: { driver: 'a.example.com', parameters } }] },
    },
  });
  expect((await send('POST', path, claim({}))).code).toBe(201);
  expect((await send('PUT', `${path}/a`, claim({ '': null }))).code).toBe(422);
});

it('gives an object by its name, watched or not', async () => {
  const answer = await send('GET', `${root}/configmaps/letters?watch=1`);
  expect(answer.body).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'letters' } });
  expect((await send('GET', '/api/v1/watch/namespaces/default/replicationcontrollers/a/scale?timeoutSeconds=1')).code).toBe(404);
});

it('tells browsers not to guess what a refusal is', async () => {
  const refused = await ask(server.port, 'GET', `${root}/configmaps`, { token: tokenOf('nobody') });
  expect(refused.code).toBe(403);
  expect(refused.headers['x-content-type-options']).toBe('nosniff');
});

it('shows slices without ports', async () => {
  const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'bare' }, addressType: 'IPv4' };
  const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  expect((await send('POST', path, slice)).code).toBe(201);
  const { code, text } = await ask(server.port, 'GET', path, {
    token: adminToken,
    headers: { Accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
  });
  expect(code).toBe(200);
  expect(text).toContain('"bare","IPv4","<unset>","<unset>"');
});
