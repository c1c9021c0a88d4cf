// The remote backend over the gRPC service, with a memory store behind it.
import { systemClock } from '@steersman/api';
import { GrpcServer, grpcCredentials, ServerCredentials } from '@steersman/rpc';
import { expect, it } from 'vitest';
import { MemoryStore, RemoteStore, StoreFullError, storageService } from '../src/index.js';
import { bytes, put, serve, storageContract } from './storage-contract.js';

async function open(memory: MemoryStore) {
  const controller = new AbortController();
  const services = [storageService(memory)];
  const server = new GrpcServer({
    address: '127.0.0.1:0',
    credentials: ServerCredentials.createInsecure(),
    services,
    clock: systemClock,
    drainMs: 50,
  });
  const serving = server.run(controller.signal);
  const credentials = grpcCredentials.createInsecure();
  const remote = await serve(new RemoteStore({ address: `127.0.0.1:${await server.ready}`, credentials, clock: systemClock }));
  const end = async (): Promise<void> => {
    await remote.stop();
    controller.abort();
    await serving;
  };
  return { store: remote.store, end };
}

storageContract('remote', (snapshot) => open(new MemoryStore({ clock: systemClock, ...(snapshot && { snapshot }) })));

it('carries large ranges in chunks, and the error of a full store', async () => {
  const memory = new MemoryStore({ clock: systemClock, maxBytes: 30_000_000 });
  const { store, end } = await open(memory);
  for (let i = 0; i < 25; i++) await put(store, `/a/${i}`, 'x'.repeat(1_000_000));
  const { items, count } = await store.range({ start: '/a/', end: '/a0' });
  expect([items.length, count, items.every((item) => item.value.length === 1_000_000)]).toEqual([25, 25, true]);
  await expect(store.write({ key: '/b', value: bytes('x'.repeat(6_000_000)) })).rejects.toBeInstanceOf(StoreFullError);
  await end();
});
