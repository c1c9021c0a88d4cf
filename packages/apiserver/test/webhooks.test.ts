// Webhooks that a real API server calls: admission and conversion.
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isConditionTrue, type KubernetesObject, systemClock, systemRandom } from '@steersman/api';
import type { ApiTransport } from '@steersman/client';
import { createAuthority, issueCertificate } from '@steersman/component-base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryServer } from './memory-server.js';

interface Shirt extends KubernetesObject {
  spec: Record<string, unknown>;
}

interface Review {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: Shirt[];
    readonly object: KubernetesObject & { data?: Record<string, string> };
  };
}

const stop = new AbortController();
let api: ApiTransport;
let hooks: Server;
let clientConfig: (path: string) => { url: string; caBundle: string };
let calls: string[] = [];

const answers: Record<string, (request: Review['request']) => object> = {
  '/mark': () => ({ allowed: true, patchType: 'JSONPatch', patch: patch([{ op: 'add', path: '/data/marked', value: 'yes' }]), warnings: ['marked'] }),
  '/count': ({ object }) => {
    const count = String(Object.keys(object.data ?? {}).length);
    return { allowed: true, patchType: 'JSONPatch', patch: patch([{ op: 'add', path: '/data/count', value: count }]) };
  },
  '/refuse': ({ object }) => (object.metadata?.name === 'bad' ? { allowed: false, status: { code: 418, message: 'no' } } : { allowed: true }),
  '/convert': ({ desiredAPIVersion, objects }) => ({
    result: { status: 'Success' },
    convertedObjects: objects.map((object) => ({
      ...object,
      apiVersion: desiredAPIVersion,
      spec: desiredAPIVersion.endsWith('v2') ? { paint: object.spec['color'] } : { color: object.spec['paint'] },
    })),
  }),
};

const patch = (operations: object[]): string => Buffer.from(JSON.stringify(operations)).toString('base64');

beforeAll(async () => {
  api = await memoryServer(stop.signal);
  const tools = { clock: systemClock, random: systemRandom };
  const authority = await createAuthority('hooks', tools);
  const serving = await issueCertificate(
    authority,
    { subject: { commonName: 'localhost' }, hosts: ['localhost', '127.0.0.1'], usages: ['server'] },
    tools,
  );
  hooks = createServer(serving, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { apiVersion, kind, request: asked } = JSON.parse(Buffer.concat(parts).toString()) as Review;
    const path = new URL(request.url ?? '', 'https://localhost').pathname;
    calls.push(path);
    response.end(JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, ...answers[path]!(asked) } }));
  }).listen(0);
  await once(hooks, 'listening');
  const { port } = hooks.address() as AddressInfo;
  clientConfig = (path) => ({ url: `https://localhost:${port}${path}`, caBundle: Buffer.from(authority.cert).toString('base64') });
});
afterAll(() => {
  stop.abort();
  hooks.closeAllConnections();
  hooks.close();
});

const admission = { group: 'admissionregistration.k8s.io', version: 'v1' };
const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];

const hook = (name: string, more: object = {}): object => ({
  name: `${name}.example.com`,
  clientConfig: clientConfig(`/${name}`),
  rules,
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  objectSelector: { matchLabels: { hooked: 'yes' } },
  ...more,
});

const configure = (kind: 'Mutating' | 'Validating', name: string, ...webhooks: object[]): Promise<KubernetesObject> =>
  api.create(
    { ...admission, resource: `${kind.toLowerCase()}webhookconfigurations` },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: `${kind}WebhookConfiguration`, metadata: { name }, webhooks },
    {},
  );

const create = (name: string, labels = { hooked: 'yes' }): Promise<KubernetesObject> =>
  api.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { a: 'b' } }, {});

describe('admission webhooks', () => {
  it('change objects, and are asked again when others changed them later', async () => {
    await configure('Mutating', 'first', hook('count', { reinvocationPolicy: 'IfNeeded' }));
    await configure('Mutating', 'second', hook('mark', { matchConditions: [{ name: 'named', expression: "object.metadata.name != 'plain'" }] }));
    expect(await create('plain')).toMatchObject({ data: { a: 'b', count: '1' } });
    calls = [];
    expect(await create('marked')).toMatchObject({ data: { a: 'b', count: '3', marked: 'yes' } });
    expect(calls).toEqual(['/count', '/mark', '/count']);
  });

  it('refuse objects', async () => {
    await configure('Validating', 'refusing', hook('refuse'));
    await expect(create('bad')).rejects.toMatchObject({ code: 418, message: 'admission webhook "refuse.example.com" denied the request: no' });
    expect(await create('good')).toBeDefined();
  });

  it('that cannot be reached matter as their policy says', async () => {
    const unreachable = { clientConfig: { url: 'https://localhost:1/x' }, objectSelector: { matchLabels: { lost: 'yes' } } };
    await configure('Validating', 'ignored', hook('ignored', { ...unreachable, failurePolicy: 'Ignore' }));
    expect(await create('ignoring', { lost: 'yes' } as never)).toBeDefined();
    await configure('Validating', 'failing', hook('failing', unreachable));
    await expect(create('failing', { lost: 'yes' } as never)).rejects.toThrow(
      'failed calling webhook "failing.example.com": failed to call webhook: Post "https://localhost:1/x?timeout=10s": dial tcp localhost:1: connect: connection refused',
    );
  });

  it('are called by the address in their URL, which their certificate must have', async () => {
    const byAddress = (path: string) => ({ ...clientConfig(path), url: clientConfig(path).url.replace('localhost', '127.0.0.1') });
    await configure('Validating', 'by-address', hook('refuse', { clientConfig: byAddress('/refuse') }));
    await expect(create('bad')).rejects.toMatchObject({ code: 418 });
    await configure(
      'Validating',
      'by-other-address',
      hook('refuse', { clientConfig: { ...byAddress('/refuse'), url: byAddress('/refuse').url.replace('127.0.0.1', '127.0.0.2') } }),
    );
    await expect(create('good')).rejects.toThrow('x509: certificate is valid for 127.0.0.1, not 127.0.0.2');
  });
});

describe('conversion webhooks', () => {
  const group = 'hooks.example.com';
  const path = (version: string) => ({ group, version, resource: 'shirts', namespace: 'default' });
  const version = (name: string, field: string, storage: boolean): object => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { [field]: { type: 'string' } } } } } },
  });

  it('show objects in every version', async () => {
    const definitions = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
    await api.create(
      definitions,
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `shirts.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural: 'shirts', kind: 'Shirt' },
          versions: [version('v1', 'color', true), version('v2', 'paint', false)],
          conversion: { strategy: 'Webhook', webhook: { clientConfig: clientConfig('/convert'), conversionReviewVersions: ['v1'] } },
        },
      } as KubernetesObject,
      {},
    );
    await expect
      .poll(async () =>
        isConditionTrue(
          ((await api.get({ ...definitions, name: `shirts.${group}` }, {})) as never as { status: { conditions: [] } }).status?.conditions,
          'Established',
        ),
      )
      .toBe(true);
    for (const [name, apiVersion, spec] of [
      ['a', 'v1', { color: 'red' }],
      ['b', 'v2', { paint: 'blue' }],
    ] as const)
      await api.create(path(apiVersion), { apiVersion: `${group}/${apiVersion}`, kind: 'Shirt', metadata: { name }, spec } as Shirt, {});
    const shown = async (v: string): Promise<unknown[]> => (await api.list(path(v), {})).items.map((item) => (item as Shirt).spec);
    expect(await shown('v1')).toEqual([{ color: 'red' }, { color: 'blue' }]);
    calls = [];
    expect(await shown('v2')).toEqual([{ paint: 'red' }, { paint: 'blue' }]);
    expect(calls.length).toBeLessThanOrEqual(1);
    await api.patch({ ...path('v2'), name: 'a' }, 'application/merge-patch+json', { spec: { paint: 'green' } }, {});
    expect(((await api.get({ ...path('v1'), name: 'a' }, {})) as Shirt).spec).toEqual({ color: 'green' });
  });
});
