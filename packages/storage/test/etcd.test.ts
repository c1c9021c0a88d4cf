// The etcd backend against a real etcd: the contract, and a watch over a restart of etcd.
import { systemClock } from '@steersman/api';
import { expect, it } from 'vitest';
import { EtcdStore } from '../src/etcd/etcd-store.js';
import type { StoreEvent } from '../src/index.js';
import { EtcdProcess, etcdPath } from './etcd-process.js';
import { put, serve, storageContract } from './storage-contract.js';

const open = async (etcd: EtcdProcess) => serve(new EtcdStore({ endpoints: [etcd.endpoint], clock: systemClock }));

if (etcdPath) {
  storageContract('etcd', async () => {
    const etcd = new EtcdProcess();
    await etcd.start();
    let serving = await open(etcd);
    const end = async (): Promise<void> => {
      await serving.stop();
      await etcd.remove();
    };
    const reopen = async () => {
      await serving.stop();
      await etcd.kill();
      await etcd.start();
      serving = await open(etcd);
      return serving.store;
    };
    return { store: serving.store, reopen, end };
  });

  it('goes on watching without a gap after etcd was killed and started again', async () => {
    const etcd = new EtcdProcess();
    await etcd.start();
    const { store, stop } = await open(etcd);
    const done = new AbortController();
    const events: StoreEvent[] = [];
    const watching = (async () => {
      for await (const batch of store.watch({ start: '/a/', end: '/a0', after: 1 }, done.signal)) {
        events.push(...batch.events);
        if (events.length === 40) done.abort();
      }
    })();
    for (let i = 0; i < 20; i++) await put(store, `/a/${i}`, 'before');
    await etcd.kill();
    await etcd.start();
    const other = await open(etcd);
    for (let i = 0; i < 20; i++) await put(other.store, `/a/${i}`, 'after');
    await watching;
    expect(events.map((event) => event.revision)).toEqual(Array.from({ length: 40 }, (_, i) => i + 2));
    await other.stop();
    await stop();
    await etcd.remove();
  });
} else {
  it.skip('the etcd store: there is no etcd on this machine (Debian: etcd-server)', () => undefined);
}
