// The embedded backend: the contract, the lock, the format, kill -9 and a full store.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@steersman/api';
import { afterAll, expect, it } from 'vitest';
import { EmbeddedStore } from '../src/embedded/embedded-store.js';
import { NewerDataError, prefixEnd, StoreFullError, StoreLockedError } from '../src/index.js';
import { bytes, put, serve, storageContract } from './storage-contract.js';

const directories: string[] = [];
const newDir = (): string => directories[directories.push(mkdtempSync(join(tmpdir(), 'steersman-store-'))) - 1]!;
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

storageContract('embedded', async (snapshot) => {
  const dataDir = newDir();
  const open = () => serve(new EmbeddedStore({ dataDir, clock: systemClock, ...(snapshot && { snapshot }) }));
  let serving = await open();
  const reopen = async () => {
    await serving.stop();
    serving = await open();
    return serving.store;
  };
  return { store: serving.store, reopen, end: () => serving.stop() };
});

it('refuses a data directory that another store holds, naming the process', async () => {
  const dataDir = newDir();
  const { stop } = await serve(new EmbeddedStore({ dataDir, clock: systemClock }));
  const second = new EmbeddedStore({ dataDir, clock: systemClock });
  await expect(second.run(new AbortController().signal)).rejects.toMatchObject({ pid: process.pid });
  await expect(second.ready).rejects.toBeInstanceOf(StoreLockedError);
  await stop();
  writeFileSync(join(dataDir, 'lock'), `${process.pid} 1\n`);
  const third = await serve(new EmbeddedStore({ dataDir, clock: systemClock }));
  await third.stop();
});

it('refuses a data directory of a newer format, and leaves it as it was', async () => {
  const dataDir = newDir();
  writeFileSync(join(dataDir, 'format'), '99\n');
  const store = new EmbeddedStore({ dataDir, clock: systemClock });
  await expect(store.run(new AbortController().signal)).rejects.toBeInstanceOf(NewerDataError);
  await expect(store.write({ key: '/a', value: bytes('') })).rejects.toBeInstanceOf(NewerDataError);
  expect(readFileSync(join(dataDir, 'format'), 'utf8')).toBe('99\n');
});

it('goes read-only when full and takes writes again after compaction', async () => {
  const { store, stop } = await serve(new EmbeddedStore({ dataDir: newDir(), clock: systemClock, maxBytes: 100_000 }));
  for (let i = 0; i < 120; i++) await store.write({ key: `/a/${i % 3}`, value: bytes('x'.repeat(1_000)) });
  expect((await store.status()).writable).toBe(true);
  const filling = async (): Promise<void> => {
    for (let i = 0; i < 200; i++) await store.write({ key: `/b/${i}`, value: bytes('x'.repeat(1_000)), expect: 0 });
  };
  await expect(filling()).rejects.toBeInstanceOf(StoreFullError);
  expect((await store.range({ start: '/a/', end: '/a0' })).count).toBe(3);
  expect((await store.status()).writable).toBe(false);
  for (let i = 0; i < 50; i++) await store.write({ key: `/b/${i}`, value: null });
  await store.compact((await store.status()).revision);
  expect((await store.status()).writable).toBe(true);
  await put(store, '/c', 'room again');
  await stop();
});

it('loses nothing acknowledged when killed, and starts again over the dead lock', async () => {
  const dataDir = newDir();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.mjs'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let acknowledged = 0;
  for await (const chunk of child.stdout) {
    acknowledged = Number(chunk.toString().trim().split('\n').at(-1));
    if (acknowledged > 500) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
  const { store, stop } = await serve(new EmbeddedStore({ dataDir, clock: systemClock }));
  const { items, revision } = await store.range({ start: '', end: prefixEnd('') });
  expect(acknowledged).toBeGreaterThan(500);
  expect(revision).toBeGreaterThanOrEqual(acknowledged);
  expect(Math.max(...items.map((item) => item.modRevision))).toBe(revision);
  await stop();
});

/** A file system of 24 MiB, where the process may mount one. */
function smallDisk(): string | undefined {
  const directory = newDir();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    return undefined;
  }
}

it('survives a full disk: refuses writes, stays readable, and recovers by compaction, again and again', async (context) => {
  const dataDir = smallDisk();
  if (!dataDir) return context.skip('mounting a small file system takes root');
  try {
    const { store, stop } = await serve(new EmbeddedStore({ dataDir, clock: systemClock }));
    const value = bytes('x'.repeat(3_000));
    for (let round = 0; round < 2; round++) {
      const filling = async (): Promise<void> => {
        for (let i = 0; i < 20_000; i++) await store.write({ key: `/a/${i % 50}`, value });
      };
      await expect(filling()).rejects.toBeInstanceOf(StoreFullError);
      expect((await store.range({ start: '/a/', end: '/a0' })).count).toBe(50);
      await store.compact((await store.status()).revision);
      expect((await store.status()).writable).toBe(true);
    }
    await stop();
  } finally {
    execFileSync('umount', [dataDir]);
  }
});
