import { VirtualClock } from '@steersman/api';
import { describe, expect, it } from 'vitest';
import { type Pause, WatchPace } from './watch-pace.js';

const joined = (pace: WatchPace, count: number): Pause[] => Array.from({ length: count }, () => pace.join());

describe('WatchPace', () => {
  it('lets few watchers go on at once', () => {
    const pace = new WatchPace(new VirtualClock());
    for (const pause of joined(pace, 9)) expect(pause()).toBeUndefined();
  });

  it('lets one go on at once that is written to again and again, among many that are not', async () => {
    const clock = new VirtualClock();
    const [busy] = joined(new WatchPace(clock), 500);
    for (let time = 0; time < 500; time++) {
      expect(busy!()).toBeUndefined();
      await clock.advance(1);
    }
  });

  it('lets many rest together, the longer the more there are', async () => {
    const clock = new VirtualClock();
    const pauses = joined(new WatchPace(clock), 200);
    for (const pause of pauses) void pause();
    await clock.advance(50);
    const rested: number[] = [];
    const begin = clock.now();
    const rest = (): void => void pauses[0]!()?.then(() => rested.push(clock.now() - begin));
    rest();
    await clock.advance(15);
    rest();
    await clock.advance(4);
    expect(rested).toEqual([]);
    await clock.advance(1);
    expect(rested).toEqual([20, 20]);
    await clock.advance(300);
    expect(pauses[0]!()).toBeUndefined();
  });
});
