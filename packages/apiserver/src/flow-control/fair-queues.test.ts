import { describe, expect, it } from 'vitest';
import { dealHand, FairQueues, type Waiting } from './fair-queues.js';
import { boundsOf, seatLimits } from './seat-shares.js';

const waiting = (flow: string, seats = 1): Waiting => ({ flow, seats, start() {} });

describe('fair queues', () => {
  it('deals a flow distinct queues, always the same ones', () => {
    for (const flow of ['a', 'b', 'system:node:n1']) {
      const hand = dealHand(flow, 64, 6);
      expect(new Set(hand).size).toBe(6);
      expect(hand.every((queue) => queue >= 0 && queue < 64)).toBe(true);
      expect(dealHand(flow, 64, 6)).toEqual(hand);
    }
    expect(dealHand('a', 3, 8).toSorted()).toEqual([0, 1, 2]);
  });

  it('lets a flow that asks for little in before the many requests of another', () => {
    const queues = new FairQueues(64, 1, 50);
    for (let count = 0; count < 20; count++) queues.add(waiting('greedy'));
    for (let turn = 0; turn < 5; turn++) queues.next(1)?.done(100);
    queues.add(waiting('modest'));
    const turns = [queues.next(1)?.request.flow, queues.next(1)?.request.flow];
    expect(turns).toContain('modest');
  });

  it('refuses what finds its queue full', () => {
    const queues = new FairQueues(4, 1, 2);
    expect([1, 2, 3].map(() => queues.add(waiting('one')))).toEqual([true, true, false]);
    expect(queues.waitingCount).toBe(2);
  });

  it('lets a request for several seats wait until there are as many', () => {
    const queues = new FairQueues(1, 1, 10);
    queues.add(waiting('wide', 5));
    expect(queues.next(4)).toBeUndefined();
    expect(queues.next(5)?.request.seats).toBe(5);
  });
});

describe('seats', () => {
  const level = (name: string, nominalConcurrencyShares: number, lendablePercent: number, borrowingLimitPercent?: number) =>
    ({
      metadata: { name },
      spec: {
        type: 'Limited',
        limited: { nominalConcurrencyShares, lendablePercent, ...(borrowingLimitPercent !== undefined && { borrowingLimitPercent }) },
      },
    }) as never;

  it('are shared out by shares', () => {
    const bounds = boundsOf([level('a', 30, 50), level('b', 10, 0, 50)], 100);
    expect(bounds.get('a')).toEqual({ nominal: 75, least: 37, most: 100 });
    expect(bounds.get('b')).toEqual({ nominal: 25, least: 25, most: 38 });
  });

  it('go from those who do not need them to those who do, as far as they may', () => {
    const limits = seatLimits(
      [
        { configuration: level('idle', 50, 50), wanted: 0 },
        { configuration: level('busy', 50, 0), wanted: 200 },
      ],
      100,
    );
    expect(limits.get('busy')).toBe(75);
    expect(limits.get('idle')).toBe(25);
  });

  it('stay with their owners when nobody wants more', () => {
    const limits = seatLimits(
      [
        { configuration: level('a', 50, 90), wanted: 1 },
        { configuration: level('b', 50, 90), wanted: 1 },
      ],
      100,
    );
    expect([...limits.values()]).toEqual([50, 50]);
  });
});
