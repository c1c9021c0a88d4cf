import { VirtualClock } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { WatchPace } from './watch-pace.js';

describe('WatchPace', () => {
  it('lets few watchers go on at once', () => {
    const pace = new WatchPace(new VirtualClock());
    for (let stream = 0; stream < 9; stream++) pace.join();
    expect(pace.pause()).toBeUndefined();
  });

  it('lets many rest together, the longer the more there are', async () => {
    const clock = new VirtualClock();
    const pace = new WatchPace(clock);
    const leave = Array.from({ length: 200 }, () => pace.join());
    const rested: number[] = [];
    const rest = (): void => void pace.pause()?.then(() => rested.push(clock.now()));
    const begin = clock.now();
    rest();
    await clock.advance(15);
    rest();
    await clock.advance(4);
    expect(rested).toEqual([]);
    await clock.advance(1);
    expect(rested).toEqual([begin + 20, begin + 20]);
    for (const one of leave) one();
    expect(pace.pause()).toBeUndefined();
  });
});
