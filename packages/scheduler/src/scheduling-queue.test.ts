import { type Pod, VirtualClock } from '@steersman/api';
import { expect, it } from 'vitest';
import { SchedulingQueue } from './scheduling-queue.js';

const pod = (name: string, priority = 0, labels: Record<string, string> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, labels },
  spec: { containers: [], priority },
});

const queueOn = (clock = new VirtualClock()): SchedulingQueue =>
  new SchedulingQueue(clock, (a, b) => (a.pod.spec?.priority ?? 0) > (b.pod.spec?.priority ?? 0));

it('gives the pod of the highest priority first', async () => {
  const queue = queueOn();
  for (const [name, priority] of [
    ['low', 1],
    ['high', 9],
    ['middle', 5],
  ] as const)
    queue.add(pod(name, priority));
  queue.delete('middle');
  expect((await queue.take())?.metadata.name).toBe('high');
  expect((await queue.take())?.metadata.name).toBe('low');
});

it('gives a pod once, though it changes while it is handed to a waiting taker', async () => {
  const queue = queueOn();
  const taken = queue.take();
  queue.add(pod('web'));
  queue.add(pod('web', 0, { changed: 'yes' }));
  expect((await taken)?.metadata.name).toBe('web');
  expect(queue.size).toBe(0);
});

it('parks a pod that fits nowhere until something changes, then backs off', async () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod('web'));
  await queue.take();
  queue.failed('web');
  const next = queue.take();
  let came = false;
  void next.then(() => {
    came = true;
  });
  await clock.advance(60_000);
  expect(came).toBe(false);
  queue.moveAll();
  await clock.advance(1);
  expect((await next)?.metadata.name).toBe('web');
});

it('does not park a pod when a change came while it was being scheduled', async () => {
  const clock = new VirtualClock();
  const queue = queueOn(clock);
  queue.add(pod('web'));
  await queue.take();
  queue.moveAll();
  queue.failed('web');
  const next = queue.take();
  await clock.advance(1000);
  expect((await next)?.metadata.name).toBe('web');
});
