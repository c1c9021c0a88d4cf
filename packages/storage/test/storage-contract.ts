// What every backend must do, whatever is behind it. `create` opens a fresh store; `reopen` ends it and opens its data again.
import { setMaxListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CompactedError,
  FutureRevisionError,
  prefixEnd,
  readSnapshot,
  restoreInto,
  type Snapshot,
  type Store,
  type StoreEvent,
} from '../src/index.js';

export interface Subject {
  readonly store: Store;
  /** Ends the store and opens its data again, where they outlive it. */
  readonly reopen?: () => Promise<Store>;
  readonly end: () => Promise<void>;
}

export const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();

export const put = async (store: Store, key: string, value: string, expected?: number): Promise<number> => {
  const result = await store.write({ key, value: bytes(value), ...(expected !== undefined && { expect: expected }) });
  expect(result.ok).toBe(true);
  return result.revision;
};

/** Watches until `done` says so of all events so far. */
async function collect(
  store: Store,
  prefix: string,
  after: number,
  done: (events: StoreEvent[], revision: number) => boolean,
): Promise<StoreEvent[]> {
  const stop = new AbortController();
  const events: StoreEvent[] = [];
  let reached = after;
  for await (const batch of store.watch({ start: prefix, end: prefixEnd(prefix), after }, stop.signal)) {
    expect(batch.revision).toBeGreaterThanOrEqual(reached);
    reached = batch.revision;
    events.push(...batch.events);
    if (done(events, reached)) stop.abort();
  }
  return events;
}

/** One line for each event, to compare. */
const line = (event: StoreEvent): string =>
  `${event.revision} ${event.type} ${event.key} ${text(event.value)} created ${event.createRevision} was ${text(event.previous?.value)}@${event.previous?.modRevision ?? 0}`;

export function storageContract(name: string, create: (snapshot?: Snapshot) => Promise<Subject>): void {
  describe(`the ${name} store`, () => {
    let subject: Subject;
    let store: Store;
    beforeEach(async () => {
      subject = await create();
      store = subject.store;
    });
    afterEach(() => subject.end());

    it('starts empty at revision 1', async () => {
      expect(await store.range({ start: '', end: prefixEnd('') })).toEqual({ items: [], more: false, count: 0, revision: 1 });
      expect(await store.status()).toMatchObject({ revision: 1, writable: true });
    });

    it('gives each write its own revision, also when many are made at once', async () => {
      const results = await Promise.all(Array.from({ length: 200 }, (_, i) => store.write({ key: `/registry/a/${i % 20}`, value: bytes(`${i}`) })));
      expect(new Set(results.map((result) => result.revision)).size).toBe(200);
      expect(Math.max(...results.map((result) => result.revision))).toBe(201);
      expect((await store.status()).revision).toBe(201);
    });

    it('keeps creation revision and version over updates, and starts anew after a deletion', async () => {
      const key = '/registry/a/x';
      const created = await put(store, key, 'one', 0);
      const updated = await put(store, key, 'two', created);
      const read = await store.range({ start: key });
      expect(read.items[0]).toMatchObject({ key, createRevision: created, modRevision: updated, version: 2 });
      expect(text(read.items[0]?.value)).toBe('two');
      const deleted = await store.write({ key, value: null, expect: updated });
      expect(deleted).toMatchObject({ ok: true, revision: updated + 1, previous: { modRevision: updated, version: 2 } });
      expect(await store.range({ start: key })).toMatchObject({ items: [], count: 0 });
      const again = await put(store, key, 'three', 0);
      expect((await store.range({ start: key })).items[0]).toMatchObject({ createRevision: again, modRevision: again, version: 1 });
    });

    it('refuses a write whose expectation does not hold, and shows what is there', async () => {
      const key = '/registry/a/x';
      const revision = await put(store, key, 'one');
      const refused = await store.write({ key, value: bytes('two'), expect: 0 });
      expect(refused).toMatchObject({ ok: false, revision, current: { key, modRevision: revision } });
      expect(await store.write({ key, value: null, expect: revision + 7 })).toMatchObject({ ok: false, current: { modRevision: revision } });
      expect(await store.write({ key: '/registry/a/y', value: bytes(''), expect: 5 })).toEqual({ ok: false, revision });
      expect(await store.write({ key: '/registry/a/y', value: null })).toEqual({ ok: true, revision });
      expect((await store.status()).revision).toBe(revision);
    });

    it('lets exactly one of many concurrent writers win each round', async () => {
      const key = '/registry/counter';
      await put(store, key, '0');
      const increment = async (): Promise<void> => {
        for (;;) {
          const { items } = await store.range({ start: key });
          const next = bytes(`${Number(text(items[0]?.value)) + 1}`);
          if ((await store.write({ key, value: next, expect: items[0]!.modRevision })).ok) return;
        }
      };
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let i = 0; i < 10; i++) await increment();
        }),
      );
      expect(text((await store.range({ start: key })).items[0]?.value)).toBe('80');
    });

    it('watches from any retained revision without gap or repeat while writes go on', async () => {
      const made: string[] = [];
      const writing = (async () => {
        const known = new Map<string, { value: string; created: number; revision: number }>();
        for (let i = 0; i < 300; i++) {
          const key = `/registry/pods/${i % 7}`;
          const before = known.get(key);
          const isDeletion = i % 5 === 4 && before !== undefined;
          const { revision } = await store.write({ key, value: isDeletion ? null : bytes(`v${i}`) });
          const created = before?.created ?? revision;
          const was = `was ${before?.value ?? ''}@${before?.revision ?? 0}`;
          made.push(`${revision} ${isDeletion ? 'delete' : 'put'} ${key} ${isDeletion ? '' : `v${i}`} created ${created} ${was}`);
          if (isDeletion) known.delete(key);
          else known.set(key, { value: `v${i}`, created, revision });
          if (i % 3 === 0) await put(store, '/registry/podsx', 'other');
        }
      })();
      const last = (_events: StoreEvent[], revision: number): boolean => revision >= 401;
      const watched = await Promise.all([1, 1, 50].map((after) => collect(store, '/registry/pods/', after, last)));
      await writing;
      expect(watched[0]?.map(line)).toEqual(made);
      expect(watched[1]?.map(line)).toEqual(made);
      expect(watched[2]?.map(line)).toEqual(made.filter((each) => Number(each.split(' ')[0]) > 50));
      const late = await collect(store, '/registry/pods/', 200, last);
      expect(late.map(line)).toEqual(made.filter((each) => Number(each.split(' ')[0]) > 200));
    });

    it('reports progress to a watcher when only other keys move', async () => {
      await put(store, '/registry/a/x', 'one');
      const stop = new AbortController();
      const batches = store.watch({ start: '/registry/b/', end: '/registry/b0', after: 2 }, stop.signal)[Symbol.asyncIterator]();
      const next = batches.next();
      const revision = await put(store, '/registry/a/x', 'two');
      expect((await next).value).toEqual({ events: [], revision });
      stop.abort();
      expect((await batches.next()).done).toBe(true);
    }, 15_000);

    it('ends a watch when its signal aborts, also before anything happened', async () => {
      const stop = new AbortController();
      const batches = store.watch({ start: '/registry/', end: '/registry0', after: 1 }, stop.signal)[Symbol.asyncIterator]();
      const next = batches.next();
      stop.abort();
      expect((await next).done).toBe(true);
    });

    it('keeps prefixes apart', async () => {
      for (const key of ['/registry/pods', '/registry/pods/a', '/registry/pods/b', '/registry/pods0', '/registry/podsx', '/registry/podsx/a'])
        await put(store, key, key);
      const { items } = await store.range({ start: '/registry/pods/', end: prefixEnd('/registry/pods/') });
      expect(items.map((item) => item.key)).toEqual(['/registry/pods/a', '/registry/pods/b']);
      expect((await store.range({ start: '/registry/pods' })).items.map((item) => item.key)).toEqual(['/registry/pods']);
      expect(await store.range({ start: '', end: prefixEnd(''), countOnly: true })).toMatchObject({ items: [], count: 6 });
    });

    it('pages through a range at one revision while it changes', async () => {
      for (let i = 10; i < 35; i++) await put(store, `/registry/a/${i}`, `old${i}`);
      const { revision } = await store.status();
      const seen: string[] = [];
      for (let start = '/registry/a/', more = true; more; ) {
        const page = await store.range({ start, end: '/registry/a0', limit: 10, revision });
        expect(page.revision).toBe(revision);
        expect(page.count).toBe(25 - seen.length);
        seen.push(...page.items.map((item) => text(item.value)));
        start = `${page.items.at(-1)?.key}\0`;
        more = page.more;
        await store.write({ key: `/registry/a/${10 + seen.length - 1}`, value: null });
        await put(store, `/registry/a/${20 + seen.length}x`, 'new');
        await put(store, '/registry/a/34', 'new');
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `old${i + 10}`));
      const keys = await store.range({ start: '/registry/a/', end: '/registry/a0', keysOnly: true, limit: 2 });
      expect(keys.items.map((item) => [item.key, item.value.length])).toEqual([
        ['/registry/a/10', 0],
        ['/registry/a/11', 0],
      ]);
    });

    it('refuses reads and watches of compacted and of future revisions', async () => {
      for (let i = 0; i < 20; i++) await put(store, `/registry/a/${i % 4}`, `${i}`);
      await store.compact(12);
      await store.compact(11);
      await expect(store.range({ start: '/registry/', end: '/registry0', revision: 11 })).rejects.toBeInstanceOf(CompactedError);
      await expect(store.range({ start: '/registry/', end: '/registry0', revision: 99 })).rejects.toBeInstanceOf(FutureRevisionError);
      await expect(store.compact(99)).rejects.toBeInstanceOf(FutureRevisionError);
      await expect(collect(store, '/registry/', 5, () => false)).rejects.toBeInstanceOf(CompactedError);
      const at12 = await store.range({ start: '/registry/', end: '/registry0', revision: 12 });
      expect(at12.items.map((item) => text(item.value))).toEqual(['8', '9', '10', '7']);
      const events = await collect(store, '/registry/', 12, (all) => all.length === 9);
      expect(events.map((event) => `${text(event.previous?.value)}>${text(event.value)}`)[0]).toBe('7>11');
    });

    it('stays small under churn when compacted', async () => {
      const value = 'x'.repeat(1_000);
      const churn = async (): Promise<number> => {
        for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 10 }, (_, lease) => put(store, `/registry/leases/n${lease}`, value)));
        await store.compact((await store.status()).revision);
        return (await store.status()).sizeBytes;
      };
      const first = await churn();
      for (let round = 0; round < 3; round++) await churn();
      expect(await churn()).toBeLessThan(Math.max(first * 2, 1_000_000));
      expect((await store.range({ start: '/registry/leases/', end: '/registry/leases0' })).count).toBe(10);
    });

    it('saves a snapshot and restores it', async () => {
      for (let i = 0; i < 50; i++) await put(store, `/registry/a/${i}`, `value ${i}`);
      await store.write({ key: '/registry/a/7', value: null });
      const snapshot = await readSnapshot(store.snapshot());
      const { items, revision } = await store.range({ start: '', end: prefixEnd('') });
      expect(snapshot.revision).toBe(revision);
      expect(snapshot.items.map((item) => [item.key, item.modRevision])).toEqual(items.map((item) => [item.key, item.modRevision]));
      const restored = await create(snapshot);
      if ((await restored.store.status()).revision === 1) await restoreInto(restored.store, snapshot);
      const read = await restored.store.range({ start: '', end: prefixEnd('') });
      expect(read.items.map((item) => text(item.value))).toEqual(items.map((item) => text(item.value)));
      await restored.end();
    });

    it('loses nothing acknowledged over a restart', async () => {
      if (!subject.reopen) return;
      const made = await Promise.all(Array.from({ length: 100 }, (_, i) => put(store, `/registry/a/${i % 30}`, `${i}`)));
      await store.write({ key: '/registry/a/3', value: null });
      const before = await store.range({ start: '', end: prefixEnd('') });
      store = await subject.reopen();
      expect(await store.range({ start: '', end: prefixEnd('') })).toEqual(before);
      const events = await collect(store, '/registry/', 1, (all) => all.length === 101);
      expect(events.map((event) => event.revision)).toEqual([...made, 102].sort((a, b) => a - b));
      expect(await put(store, '/registry/b', 'next')).toBe(103);
    });
  });
}

/** A store that serves until `stop`. */
export async function serve<S extends Store>(store: S): Promise<{ store: S; stop: () => Promise<void> }> {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const running = store.run(controller.signal);
  await Promise.race([store.ready, running]);
  const stop = async (): Promise<void> => {
    controller.abort();
    await running;
  };
  return { store, stop };
}
