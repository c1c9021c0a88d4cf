// Encryption at rest: what lies in the store, what clients see, and how keys are changed.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock, systemRandom, VirtualClock } from '@steersman/api';
import type { ApiTransport } from '@steersman/client';
import { createStore, MemoryStore, type Store } from '@steersman/storage';
import { afterAll, describe, expect, it } from 'vitest';
import { EtcdProcess, etcdPath } from '../../storage/test/etcd-process.js';
import { ConfigurationReload } from '../src/configuration/configuration-reload.js';
import { parseEncryptionConfiguration } from '../src/encryption/encryption-configuration.js';
import { EncryptionRules } from '../src/encryption/encryption-rules.js';
import { testServer } from './memory-server.js';

const dir = mkdtempSync(join(tmpdir(), 'steersman-encryption-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const secrets = { group: '', version: 'v1', resource: 'secrets', namespace: 'default' };
const hidden = 'a-word-that-nobody-else-writes';
const plain = Buffer.from(hidden).toString('base64');
const secret = (name: string): object => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { word: plain } });
const key = (letter: string, length = 32): string => Buffer.from(letter.repeat(length)).toString('base64');

const configuration = (...providers: string[]): string => `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [{ resources: [secrets], providers: [${providers.join(', ')}] }]`;

const keyed = (cipher: string, ...names: string[]): string =>
  `{ ${cipher}: { keys: [${names.map((name) => `{ name: ${name}, secret: ${key(name[0] ?? 'k')} }`).join(', ')}] } }`;

const identity = '{ identity: {} }';
const rulesOf = (...providers: string[]): EncryptionRules =>
  new EncryptionRules(parseEncryptionConfiguration(configuration(...providers), 'file'), systemRandom);

const rawOf = async (store: Store, name: string): Promise<string> => {
  const { items } = await store.range({ start: `/registry/secrets/default/${name}` });
  return Buffer.from(items[0]?.value ?? []).toString('latin1');
};

async function withServer(store: Store, encryption: EncryptionRules, use: (api: ApiTransport) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const { api } = await testServer(stop.signal, { store, encryption });
  await use(api).finally(() => stop.abort());
}

const wordOf = async (api: ApiTransport, name: string): Promise<unknown> =>
  ((await api.get({ ...secrets, name }, {})) as unknown as { data: { word: string } }).data.word;

describe.each(['aescbc', 'aesgcm', 'secretbox'])('values sealed by %s', (cipher) => {
  it('lie in the store in the form of upstream, and are opened for clients, in reads, lists and watches', async () => {
    const store = new MemoryStore({ clock: systemClock });
    const rules = rulesOf(keyed(cipher, 'one'), identity);
    await withServer(store, rules, async (api) => {
      await api.create(secrets, secret('s'), {});
      expect(await wordOf(api, 's')).toBe(plain);
      expect((await api.list(secrets, {})).items).toHaveLength(1);
      const raw = await rawOf(store, 's');
      expect(raw.startsWith(`k8s:enc:${cipher}:v1:one:`)).toBe(true);
      expect(raw).not.toContain(plain);
      const [first] = await Array.fromAsync(
        (async function* () {
          for await (const batch of api.watch(secrets, { resourceVersion: '0' }, new AbortController().signal)) {
            yield batch;
            return;
          }
        })(),
      );
      expect(first?.[0]).toMatchObject({ type: 'ADDED', object: { data: { word: plain } } });
    });
    // Another server finds them sealed.
    const sealed = (await store.range({ start: '/registry/secrets/default/s' })).items[0]!;
    expect(Buffer.from(rulesOf(keyed(cipher, 'one')).open(sealed.key, sealed.value)).toString()).toContain(plain);
    expect(() => rulesOf(keyed(cipher, 'two', 'one').replace(key('o'), key('x'))).open(sealed.key, sealed.value)).toThrow('unable to transform key');
    expect(() => rulesOf(identity).open(sealed.key, sealed.value)).toThrow('unable to transform key');
  });
});

describe('a key that is changed', () => {
  it('seals what is written from then on, and what is written without a change', async () => {
    const store = new MemoryStore({ clock: systemClock });
    const rules = rulesOf(identity);
    await withServer(store, rules, async (api) => {
      await api.create(secrets, secret('s'), {});
      expect(await rawOf(store, 's')).toContain(plain);
      for (const providers of [
        [keyed('aescbc', 'one'), identity],
        [keyed('aescbc', 'two', 'one'), identity],
        [keyed('aesgcm', 'three'), keyed('aescbc', 'two')],
        [identity, keyed('aesgcm', 'three')],
      ]) {
        rules.replace(parseEncryptionConfiguration(configuration(...providers), 'file'));
        const before = await api.get({ ...secrets, name: 's' }, {});
        const after = await api.update({ ...secrets, name: 's' }, before, {});
        expect(after.metadata?.resourceVersion).not.toBe(before.metadata?.resourceVersion);
        expect(await wordOf(api, 's')).toBe(plain);
        const again = await api.update({ ...secrets, name: 's' }, after, {});
        expect(again.metadata?.resourceVersion).toBe(after.metadata?.resourceVersion);
      }
      expect(await rawOf(store, 's')).toContain(plain);
    });
  });

  it('is taken over from the file, unless that is no good', async () => {
    const file = join(dir, 'followed.yaml');
    writeFileSync(file, configuration(identity));
    const clock = new VirtualClock(0);
    const applied: string[] = [];
    const apply = (text: string): void => {
      parseEncryptionConfiguration(text, file);
      applied.push(text);
    };
    const stop = new AbortController();
    const running = new ConfigurationReload({ file, clock, logger: silentLogger, apply }).run(stop.signal);
    writeFileSync(file, 'kind: Nothing');
    await clock.advance(60_000);
    writeFileSync(file, configuration(keyed('aescbc', 'one')));
    await clock.advance(120_000);
    stop.abort();
    await running;
    expect(applied).toEqual([configuration(keyed('aescbc', 'one'))]);
  });
});

describe('a configuration', () => {
  it('names resources one by one, by group, or all of them', () => {
    const text = `
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - { resources: [secrets, events], providers: [${keyed('aescbc', 'one')}] }
  - { resources: ['*.apps'], providers: [${keyed('aescbc', 'two')}] }
  - { resources: [pandas.example.com], providers: [${identity}] }
  - { resources: ['*.*'], providers: [${keyed('aescbc', 'three')}] }`;
    const rules = new EncryptionRules(parseEncryptionConfiguration(text, 'file'), systemRandom);
    const nameOf = (stored: string): string | undefined =>
      /aescbc:v1:(\w+):/.exec(Buffer.from(rules.seal(stored, Buffer.from('{}'))).toString('latin1'))?.[1];
    expect(nameOf('/registry/secrets/a/b')).toBe('one');
    expect(nameOf('/registry/events/a/b')).toBe('one');
    expect(nameOf('/registry/deployments/a/b')).toBe('two');
    expect(nameOf('/registry/example.com/pandas/a/b')).toBeUndefined();
    expect(nameOf('/registry/services/specs/a/b')).toBe('three');
    expect(nameOf('/registry/example.com/bears/a/b')).toBe('three');
  });

  it('is refused in one line that says what is wrong', () => {
    const refuse =
      (...providers: string[]): (() => unknown) =>
      () =>
        parseEncryptionConfiguration(configuration(...providers), '/etc/e.yaml');
    expect(refuse()).toThrow('/etc/e.yaml: resources[0].providers: Required value');
    expect(refuse('{ aescbc: { keys: [{ name: a, secret: YWJj }] } }')).toThrow(
      'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 3, expected one of [16 24 32]',
    );
    expect(refuse('{ kms: { name: a } }')).toThrow('resources[0].providers[0].kms: Invalid value: "kms": providers of this sort are not supported');
    expect(refuse('{ identity: {}, aesgcm: {} }')).toThrow('more than one provider specified in a single element');
    expect(() => parseEncryptionConfiguration('kind: [', '/etc/e.yaml')).toThrow(/^\/etc\/e.yaml is not YAML: [^\n]*$/);
  });
});

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => statSync(name).isFile());

/** The disk of a store, once its server has stopped, has nothing of the secret. */
function expectNothingIn(path: string): void {
  for (const file of filesBelow(path)) {
    const bytes = readFileSync(file);
    expect([file, bytes.includes(plain), bytes.includes(hidden)]).toEqual([file, false, false]);
  }
}

describe('the disk', () => {
  it('has nothing of a secret where the embedded store keeps its data', async () => {
    const dataDir = join(dir, 'embedded');
    const store = await createStore({ kind: 'embedded', clock: systemClock, dataDir });
    await withServer(store, rulesOf(keyed('aescbc', 'one')), async (api) => {
      await api.create(secrets, secret('s'), {});
      expect(await wordOf(api, 's')).toBe(plain);
    });
    expectNothingIn(dataDir);
  });

  it.runIf(etcdPath)('has nothing of a secret where etcd keeps its data', async () => {
    const etcd = new EtcdProcess();
    await etcd.start();
    try {
      const store = await createStore({ kind: 'etcd', clock: systemClock, endpoints: [etcd.endpoint] });
      await withServer(store, rulesOf(keyed('aesgcm', 'one')), async (api) => {
        await api.create(secrets, secret('s'), {});
        expect(await rawOf(store, 's')).toMatch(/^k8s:enc:aesgcm:v1:one:/);
        expect(await wordOf(api, 's')).toBe(plain);
      });
      await etcd.kill();
      expectNothingIn(etcd.dataDir);
    } finally {
      await etcd.remove();
    }
  });
});
