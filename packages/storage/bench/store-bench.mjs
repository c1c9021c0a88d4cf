// Measures the backends: writes a second with 1 and 32 writers, a range of 500 values of 3 KB, watch fan-out.
// Usage: node packages/storage/bench/store-bench.mjs [memory] [embedded] [etcd=http://127.0.0.1:2379]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@steersman/api';
import { createStore } from '@steersman/storage';

const value = new Uint8Array(3_072).fill(120);
const seconds = Number(process.env['BENCH_SECONDS'] ?? 2);

async function writesPerSecond(store, writers) {
  const until = performance.now() + seconds * 1_000;
  let writes = 0;
  const one = async (writer) => {
    for (let i = 0; performance.now() < until; i++, writes++) await store.write({ key: `/registry/pods/w${writer}/${i % 500}`, value });
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => one(writer)));
  return Math.round(writes / seconds);
}

async function rangesPerSecond(store) {
  for (let i = 0; i < 500; i++) await store.write({ key: `/registry/range/${i}`, value });
  const until = performance.now() + seconds * 1_000;
  let ranges = 0;
  for (; performance.now() < until; ranges++) await store.range({ start: '/registry/range/', end: '/registry/range0' });
  return Math.round(ranges / seconds);
}

async function fanOutPerSecond(store, watchers) {
  const stop = new AbortController();
  const { revision } = await store.status();
  const writes = 2_000;
  const drain = async () => {
    let seen = 0;
    for await (const batch of store.watch({ start: '/registry/fan/', end: '/registry/fan0', after: revision }, stop.signal)) {
      seen += batch.events.length;
      if (seen === writes) return;
    }
  };
  const started = performance.now();
  const all = Promise.all(Array.from({ length: watchers }, drain));
  for (let i = 0; i < writes; i += 32) {
    await Promise.all(Array.from({ length: Math.min(32, writes - i) }, (_, j) => store.write({ key: `/registry/fan/${i + j}`, value })));
  }
  await all;
  stop.abort();
  return Math.round((writes * watchers * 1_000) / (performance.now() - started));
}

async function measure(name, options) {
  const stop = new AbortController();
  const store = await createStore({ clock: systemClock, ...options });
  const running = store.run(stop.signal);
  await store.ready;
  const one = await writesPerSecond(store, 1);
  const many = await writesPerSecond(store, 32);
  const range = await rangesPerSecond(store);
  const fan = await fanOutPerSecond(store, 100);
  process.stdout.write(
    `${name}: writes/s ${one} (1 writer), ${many} (32 writers); ranges of 500 x 3 KB/s ${range}; watch events/s ${fan} (100 watchers)\n`,
  );
  stop.abort();
  await running;
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['memory', 'embedded'];
for (const kind of wanted) {
  const [name, endpoints] = kind.split('=');
  const dataDir = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'steersman-bench-'));
  await measure(name, name === 'etcd' ? { kind: 'etcd', endpoints: [endpoints] } : { kind: name, dataDir });
  rmSync(dataDir, { recursive: true });
}
