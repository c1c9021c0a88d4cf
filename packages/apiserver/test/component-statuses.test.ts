import { systemClock, toMicroTime } from '@steersman/api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answered, adminToken, ask, statedUsers } from './https-requests.js';
import { type TestServer, testServer } from './memory-server.js';

const stop = new AbortController();
let server: TestServer;
beforeAll(async () => {
  server = await testServer(stop.signal, { authenticators: [statedUsers] });
});
afterAll(() => stop.abort());

const statuses = '/api/v1/componentstatuses';
const asked = (method: string, path: string, accept = 'application/json'): Promise<Answered> =>
  ask(server.port, method, path, { token: adminToken, headers: { Accept: accept } });

const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const hold = (name: string, renewedMs: number): Promise<Answered> =>
  ask(server.port, 'POST', leases, {
    token: adminToken,
    body: { metadata: { name }, spec: { holderIdentity: 'one', leaseDurationSeconds: 15, renewTime: toMicroTime(renewedMs) } },
  });

it('tells of the store, and of components by their leases', async () => {
  expect((await hold('kube-scheduler', systemClock.now())).code).toBe(201);
  expect((await hold('kube-controller-manager', systemClock.now() - 60_000)).code).toBe(201);
  const { body, headers } = await asked('GET', statuses);
  expect(headers['warning']).toBe('299 - "v1 ComponentStatus is deprecated in v1.19+"');
  expect(body).toMatchObject({
    kind: 'ComponentStatusList',
    metadata: {},
    items: [
      {
        metadata: { name: 'controller-manager' },
        conditions: [{ type: 'Healthy', status: 'False', message: expect.stringContaining('not renewed') }],
      },
      { metadata: { name: 'etcd-0' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] },
      { metadata: { name: 'scheduler' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] },
    ],
  });
});

it('gives one by its name, as a table and in protobuf too', async () => {
  expect((await asked('GET', `${statuses}/etcd-0`)).body).toMatchObject({ kind: 'ComponentStatus', conditions: [{ message: 'ok' }] });
  const table = await asked('GET', statuses, 'application/json;as=Table;g=meta.k8s.io;v=v1');
  expect((table.body as unknown as { rows: { cells: unknown[] }[] }).rows[1]?.cells).toEqual(['etcd-0', 'Healthy', 'ok', '']);
  expect((await asked('GET', statuses, 'application/vnd.kubernetes.protobuf')).text).toContain('etcd-0');
});

it('knows no others, and takes none', async () => {
  expect((await asked('GET', `${statuses}/none`)).body).toMatchObject({ code: 404, message: 'componentstatuses "none" not found' });
  const body = { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name: 'etcd-0' } };
  for (const [method, path] of [
    ['POST', statuses],
    ['PUT', `${statuses}/etcd-0`],
    ['DELETE', `${statuses}/etcd-0`],
    ['DELETE', statuses],
  ] as const)
    expect(await ask(server.port, method, path, { token: adminToken, ...(method !== 'DELETE' && { body }) })).toMatchObject({
      code: 405,
      headers: expect.not.objectContaining({ warning: expect.anything() }),
    });
  expect((await asked('GET', `${statuses}?watch=1`)).code).toBe(405);
});
