// The work queue on virtual time.
import { VirtualClock } from '@steersman/api';
import { expect, it } from 'vitest';
import { WorkQueue } from './workqueue.js';

it('hands a key out once at a time, and again when it was added meanwhile', async () => {
  const queue = new WorkQueue(new VirtualClock());
  queue.add('a');
  queue.add('a');
  expect(await queue.take()).toBe('a');
  queue.add('a');
  expect(queue.depth).toBe(0);
  queue.done('a');
  expect(await queue.take()).toBe('a');
  queue.done('a');
  expect(queue.idle).toBe(true);
});

it('backs off twice as long after each failure, and starts over after a success', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock, { baseMs: 10, maxMs: 1000 });
  queue.retry('a');
  await clock.advance(10);
  expect(await queue.take()).toBe('a');
  queue.done('a');
  queue.retry('a');
  await clock.advance(10);
  expect(queue.depth).toBe(0);
  await clock.advance(10);
  expect(queue.depth).toBe(1);
  queue.forget('a');
  expect(queue.failuresOf('a')).toBe(0);
});

it('wakes its workers when it closes', async () => {
  const queue = new WorkQueue(new VirtualClock());
  const taking = queue.take();
  queue.close();
  expect(await taking).toBeUndefined();
});

it('works again on what failed, after its back-off', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock, { baseMs: 10, maxMs: 1000 });
  const stop = new AbortController();
  const worked: number[] = [];
  const told: unknown[] = [];
  const begin = clock.now();
  const draining = queue.drainRetrying(stop.signal, {
    workers: 1,
    work: async () => {
      if (worked.push(clock.now() - begin) < 3) throw new Error(`attempt ${worked.length}`);
    },
    failed: (key, error) => told.push([key, (error as Error).message]),
  });
  queue.add('a');
  await clock.advance(100);
  expect(worked).toEqual([0, 10, 30]);
  expect(told).toEqual([
    ['a', 'attempt 1'],
    ['a', 'attempt 2'],
  ]);
  expect(queue.failuresOf('a')).toBe(0);
  stop.abort();
  await draining;
});
