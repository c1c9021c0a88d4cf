// Our OpenAPI v3 documents against upstream's, where those are at hand: paths, operations, parameters, answers, schemas. What things
// mean is said in other words; all else that differs is named here with its reason.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminToken, ask, statedUsers } from './https-requests.js';
import { testServer } from './memory-server.js';

const folder = ['../../../../shared/kubernetes/openapi', '../../../../../shared/kubernetes/openapi']
  .map((path) => new URL(path, import.meta.url).pathname)
  .find((path) => existsSync(path));

/** Documents of what a server does not serve by default. */
const notServed: Readonly<Record<string, string>> = {
  'apis/internal.apiserver.k8s.io': 'storage versions are an alpha API, which is off',
  'apis/storagemigration.k8s.io': 'storage migration is a beta API, which is off',
  logs: 'the files of /var/log are served where the machine is, by those who may read them',
};

/** Keys of objects in documents that are not compared. */
const notCompared: readonly { readonly key: (key: string, value: unknown) => boolean; readonly reason: string }[] = [
  { key: (key, value) => key === 'description' && typeof value === 'string', reason: 'words are our own' },
  { key: (key) => /cbor/.test(key), reason: 'CBOR is behind a feature gate, which is off' },
  { key: (key, value) => key === 'version' && (value === 'unversioned' || value === 'v1.35.0'), reason: "upstream's were written by no release" },
  { key: (key, value) => key === 'enum' && Array.isArray(value), reason: "upstream's were written without enums, which a server adds" },
];

function compared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compared);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => !notCompared.some((exception) => exception.key(key, inner)));
  return Object.fromEntries(entries.map(([key, inner]) => [key, compared(inner)]));
}

describe.skipIf(!folder)("OpenAPI v3 as upstream's", () => {
  const lifetime = new AbortController();
  let port: number;
  beforeAll(async () => {
    ({ port } = await testServer(lifetime.signal, { authenticators: [statedUsers] }));
  });
  afterAll(() => lifetime.abort());

  const names = (folder ? readdirSync(folder) : []).map((file) => file.replace('_openapi.json', '').replaceAll('__', '/'));

  it.each(names.filter((name) => !(name in notServed)))('has the same in %s', async (name) => {
    const upstream: unknown = JSON.parse(readFileSync(`${folder}/${name.replaceAll('/', '__')}_openapi.json`, 'utf8'));
    const { body } = await ask(port, 'GET', `/openapi/v3/${name}`, { token: adminToken });
    expect(compared(body)).toEqual(compared(upstream));
  });

  it.each(Object.entries(notServed))('does not serve %s: %s', async (name) => {
    expect((await ask(port, 'GET', `/openapi/v3/${name}`, { token: adminToken })).code).toBe(404);
  });
});
