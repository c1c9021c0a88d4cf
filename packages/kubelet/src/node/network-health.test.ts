import { VirtualClock } from '@steersman/api';
import type { NetworkApi } from '@steersman/rpc';
import { describe, expect, it } from 'vitest';
import { NetworkHealth } from './network-health.js';

type Answer = { ready: boolean; message: string } | Error;

function health(): { answers: (answer: Answer) => void; clock: VirtualClock; problem: () => Promise<string | undefined> } {
  const clock = new VirtualClock();
  let answer: Answer = new Error('nobody listens');
  const network = { status: async () => (answer instanceof Error ? Promise.reject(answer) : answer) } as unknown as NetworkApi;
  const found = new NetworkHealth(network, clock);
  return { answers: (next) => (answer = next), clock, problem: () => found.problem() };
}

const ready = { ready: true, message: '' };

describe('NetworkHealth', () => {
  it('takes a network for broken that never answered', async () => {
    const { problem } = health();
    expect(await problem()).toBe('Error: nobody listens');
  });

  it('says what the network says', async () => {
    const { answers, problem } = health();
    answers({ ready: false, message: 'no range yet' });
    expect(await problem()).toBe('no range yet');
    answers(ready);
    expect(await problem()).toBeUndefined();
    answers({ ready: false, message: '' });
    expect(await problem()).toBe('the pod network is not ready');
  });

  it('bears a moment of silence after the network was ready, and no more', async () => {
    const { answers, clock, problem } = health();
    answers(ready);
    await problem();
    answers(new Error('gone'));
    expect(await problem()).toBeUndefined();
    await clock.advance(4000);
    expect(await problem()).toBeUndefined();
    await clock.advance(2000);
    expect(await problem()).toBe('Error: gone');
    answers(ready);
    expect(await problem()).toBeUndefined();
    answers(new Error('gone again'));
    expect(await problem()).toBeUndefined();
  });
});
