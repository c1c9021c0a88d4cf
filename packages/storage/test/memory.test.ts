// The memory backend: the contract, and forks.
import { systemClock } from '@steersman/api';
import { expect, it } from 'vitest';
import { MemoryStore, StoreFullError } from '../src/index.js';
import { bytes, put, serve, storageContract } from './storage-contract.js';

storageContract('memory', async (snapshot) => {
  const { store, stop } = await serve(new MemoryStore({ clock: systemClock, ...(snapshot && { snapshot }) }));
  return { store, end: stop };
});

it('forks: both go their own way from the same past', async () => {
  const first = new MemoryStore({ clock: systemClock });
  for (let i = 0; i < 100; i++) await put(first, `/a/${i}`, 'shared');
  const second = first.fork();
  await put(second, '/a/1', 'second');
  await put(first, '/a/2', 'first');
  const read = async (store: MemoryStore, key: string): Promise<string> =>
    Buffer.from((await store.range({ start: key })).items[0]!.value).toString();
  expect([await read(first, '/a/1'), await read(first, '/a/2')]).toEqual(['shared', 'first']);
  expect([await read(second, '/a/1'), await read(second, '/a/2')]).toEqual(['second', 'shared']);
  expect((await second.range({ start: '/a/', end: '/a0', revision: 51 })).count).toBe(50);
});

it('refuses writes when full, but not deletions', async () => {
  const store = new MemoryStore({ clock: systemClock, maxBytes: 10_000 });
  await put(store, '/a', 'x'.repeat(9_000));
  await expect(store.write({ key: '/b', value: bytes('x'.repeat(2_000)) })).rejects.toBeInstanceOf(StoreFullError);
  await store.write({ key: '/a', value: null });
  await store.compact(3);
  await put(store, '/b', 'x'.repeat(2_000));
});
