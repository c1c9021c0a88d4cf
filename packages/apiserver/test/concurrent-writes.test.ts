import { isConflict, type KubernetesObject } from '@steersman/api';
import type { ApiTransport, ResourcePath } from '@steersman/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryServer } from './memory-server.js';

const stop = new AbortController();
let api: ApiTransport;

beforeAll(async () => {
  api = await memoryServer(stop.signal);
});
afterAll(() => stop.abort());

const path: ResourcePath = { group: '', version: 'v1', resource: 'configmaps', namespace: 'default' };
const configMap = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

it('carries out patches that come at once one after another, and loses none', async () => {
  await api.create(path, configMap('shared'), {});
  const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
  await Promise.all(keys.map((key) => api.patch({ ...path, name: 'shared' }, 'application/merge-patch+json', { data: { [key]: 'set' } }, {})));
  const { data } = (await api.get({ ...path, name: 'shared' }, {})) as { data?: object };
  expect(Object.keys(data ?? {}).sort()).toEqual(keys);
});

it('lets one of several updates of the same version through, and refuses the others', async () => {
  const made = await api.create(path, configMap('once'), {});
  const outcomes = await Promise.allSettled([1, 2, 3].map((n) => api.update({ ...path, name: 'once' }, { ...made, data: { n: String(n) } }, {})));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(isConflict(outcome.reason)).toBe(true);
});

it('refuses a patch that names an older version', async () => {
  const made = await api.create(path, configMap('named'), {});
  const patch = (data: object): Promise<unknown> =>
    api.patch(
      { ...path, name: 'named' },
      'application/merge-patch+json',
      { metadata: { resourceVersion: made.metadata?.resourceVersion }, data },
      {},
    );
  await patch({ a: '1' });
  await expect(patch({ a: '2' })).rejects.toSatisfy(isConflict);
});
