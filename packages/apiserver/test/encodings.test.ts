// The encodings of answers, over HTTPS.
import { gunzipSync } from 'node:zlib';
import { decodeProtobuf, encodeMessage, schemaIdOf } from '@steersman/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answered, type Asking, adminToken, ask, statedUsers } from './https-requests.js';
import { testServer } from './memory-server.js';

const protobuf = 'application/vnd.kubernetes.protobuf';
const metadataOnly = (kind: string): string => `${protobuf};as=${kind};g=meta.k8s.io;v=v1`;
const base = '/api/v1/namespaces/default/configmaps';

const lifetime = new AbortController();
let port: number;

const send = (method: string, path: string, options: Asking = {}): Promise<Answered> => ask(port, method, path, { token: adminToken, ...options });
const accepting = (path: string, accept: string, more: Record<string, string> = {}): Promise<Answered> =>
  send('GET', path, { headers: { Accept: accept, ...more } });
const messageOf = (apiVersion: string, kind: string): string | undefined => schemaIdOf(apiVersion, kind) ?? `meta.v1.${kind}`;
const decoded = ({ bytes }: Answered): Record<string, unknown> => decodeProtobuf(bytes, messageOf);

beforeAll(async () => {
  ({ port } = await testServer(lifetime.signal, { authenticators: [statedUsers] }));
  for (const name of ['a', 'b']) await send('POST', base, { body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: name } } });
});
afterAll(() => lifetime.abort());

it('answers in protobuf what it answers in JSON', async () => {
  const asJson = (await accepting(`${base}/a`, 'application/json')).body;
  const reply = await accepting(`${base}/a`, protobuf);
  expect(reply.headers['content-type']).toBe(protobuf);
  expect(decoded(reply)).toMatchObject(asJson);
});

it('lists in protobuf', async () => {
  const { bytes } = await accepting(base, protobuf);
  expect(bytes.subarray(0, 4).toString()).toBe('k8s\0');
  expect(bytes.includes('ConfigMapList')).toBe(true);
  for (const name of ['a', 'b'])
    expect(bytes.includes(encodeMessage('core.v1.ConfigMap', decoded(await accepting(`${base}/${name}`, protobuf))))).toBe(true);
});

it('gives errors in protobuf to those who want it', async () => {
  const reply = await accepting(`${base}/none`, protobuf);
  expect([reply.code, reply.headers['content-type']]).toEqual([404, protobuf]);
  expect(decoded(reply)).toMatchObject({ kind: 'Status', reason: 'NotFound', details: { name: 'none' }, code: 404 });
});

it('gives metadata alone in protobuf', async () => {
  const one = await accepting(`${base}/a`, metadataOnly('PartialObjectMetadata'));
  expect(decoded(one)).toMatchObject({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  const list = await accepting(base, metadataOnly('PartialObjectMetadataList'));
  expect(list.bytes.includes('PartialObjectMetadataList')).toBe(true);
});

it('goes on to the next type where a Table is wanted in protobuf', async () => {
  const table = 'as=Table;g=meta.k8s.io;v=v1';
  const reply = await accepting(base, `${protobuf};${table},application/json;${table}`);
  expect(reply.headers['content-type']).toBe('application/json');
  expect(reply.body).toMatchObject({ kind: 'Table' });
  expect((await accepting(base, `${protobuf};${table}`)).code).toBe(406);
});

it.each([
  ['application/json;q=0.5,application/vnd.kubernetes.protobuf', protobuf],
  ['application/vnd.kubernetes.protobuf;q=0.1,application/yaml', 'application/yaml'],
  ['application/*,application/json', 'application/json'],
  ['application/xml,*/*', 'application/json'],
])('takes the best of %s', async (accept, type) => {
  expect((await accepting(`${base}/a`, accept)).headers['content-type']).toBe(type);
});

/** The events of a stream: each has its length in four bytes before it. */
function eventsOf(body: Buffer): { type: string; object: Record<string, unknown> }[] {
  const events = [];
  for (let at = 0; at + 4 <= body.length && at + 4 + body.readUInt32BE(at) <= body.length; at += 4 + body.readUInt32BE(at)) {
    const event = body.subarray(at + 4, at + 4 + body.readUInt32BE(at));
    events.push({ type: event.subarray(2, 2 + event[1]!).toString(), object: decodeProtobuf(event.subarray(event.indexOf('k8s\0')), messageOf) });
  }
  return events;
}

it('streams watches in protobuf', async () => {
  const path = `${base}?watch=true&fieldSelector=metadata.name%3Da`;
  const reply = await send('GET', path, { headers: { Accept: protobuf }, until: (body) => eventsOf(body).length > 0 });
  expect(reply.headers['content-type']).toBe(`${protobuf};stream=watch`);
  expect(eventsOf(reply.bytes)).toMatchObject([{ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'a' } } }]);
});

it('puts the fields of YAML in order', async () => {
  const { text } = await accepting(`${base}/a`, 'application/yaml');
  expect(text.match(/^\w+/gm)).toEqual(['apiVersion', 'data', 'kind', 'metadata']);
});

it('streams no YAML', async () => {
  const { code, text } = await accepting(`${base}?watch=true`, 'application/yaml');
  expect(code).toBe(406);
  expect(text).toContain(`only the following media types are accepted: application/json;stream=watch, ${protobuf};stream=watch`);
});

it('compresses what is large for those who accept it', async () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data: { k: 'x'.repeat(200_000) } };
  await send('POST', base, { body });
  const large = await accepting(`${base}/large`, 'application/json', { 'Accept-Encoding': 'deflate, gzip' });
  expect(large.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
  expect(JSON.parse(gunzipSync(large.bytes).toString())).toMatchObject({ metadata: { name: 'large' } });
  expect((await accepting(`${base}/large`, 'application/json')).headers).not.toHaveProperty('content-encoding');
  expect((await accepting(`${base}/a`, 'application/json', { 'Accept-Encoding': 'gzip' })).headers).not.toHaveProperty('content-encoding');
});

it('indents JSON where it is read by somebody', async () => {
  expect((await accepting(`${base}/a?pretty=true`, 'application/json')).text).toContain('\n  "metadata": {\n');
  expect((await accepting(`${base}/a`, '*/*', { 'User-Agent': 'curl/8.0' })).text).toContain('\n  "metadata": {\n');
});

it('has no protobuf of custom resources', async () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'shirts.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Cluster',
      names: { plural: 'shirts', kind: 'Shirt' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await send('POST', definitions, { body: definition });
  const shirts = '/apis/example.com/v1/shirts';
  await expect.poll(async () => (await send('GET', shirts)).code).toBe(200);
  const refused = await accepting(shirts, protobuf);
  expect(refused.code).toBe(406);
  expect(decoded(refused)).toMatchObject({ reason: 'NotAcceptable' });
  expect((await accepting(shirts, `${protobuf},application/json`)).headers['content-type']).toBe('application/json');
  expect((await accepting(shirts, metadataOnly('PartialObjectMetadataList'))).headers['content-type']).toBe(protobuf);
});

it('describes what it serves in protobuf', async () => {
  const form = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { headers, bytes } = await accepting('/apis', `${protobuf};${form}`);
  expect(headers['content-type']).toBe(`${protobuf};${form}`);
  const { body } = await accepting('/apis', `application/json;${form}`);
  const groups = (body as unknown as { items: { metadata: { name: string } }[] }).items;
  for (const group of groups) expect(bytes.includes(encodeMessage('apidiscovery.v2.APIGroupDiscovery', group))).toBe(true);
  expect(decoded(await accepting('/apis/apps', protobuf))).toMatchObject({ kind: 'APIGroup', name: 'apps', preferredVersion: { version: 'v1' } });
});

it('serves OpenAPI with entity tags, and for ever by hash', async () => {
  const swagger = await accepting('/openapi/v2', 'application/json', { 'Accept-Encoding': 'gzip' });
  expect(swagger.headers).toMatchObject({ 'content-type': 'application/json', 'content-encoding': 'gzip' });
  const again = await accepting('/openapi/v2', 'application/json', { 'If-None-Match': String(swagger.headers.etag) });
  expect([again.code, again.text]).toEqual([304, '']);
  const old = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const binary = await accepting('/openapi/v2', `${old},application/json;q=0.5`);
  expect(binary.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  expect((await accepting('/openapi/v2', 'text/html')).code).toBe(406);

  const { text } = await send('GET', '/openapi/v3');
  const url = (JSON.parse(text) as { paths: Record<string, { serverRelativeURL: string }> }).paths['apis/apps/v1']!.serverRelativeURL;
  expect((await send('GET', url)).headers).toMatchObject({ 'cache-control': 'public, immutable', vary: 'Accept' });
  const v3 = await accepting(url, 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf');
  expect(v3.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v3.v1.0+protobuf');
  const stale = await send('GET', '/openapi/v3/apis/apps/v1?hash=0');
  expect([stale.code, stale.headers.location]).toEqual([301, url]);
  expect((await send('GET', '/openapi/v3/apis/apps/v1')).headers).not.toHaveProperty('cache-control');
});
