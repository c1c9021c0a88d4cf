// How often watchers are written to. Each write costs the same whether it holds one event or fifty, so where many are written to, one
// that just was rests while more events come together; one that has had nothing for a while is told at once.
import type { Clock } from '@steersman/api';

/** What one write takes, roughly, with as much again for the rest of the server. */
const msPerStream = 0.1;
const longestMs = 50;
const shortestMs = 1;
/** Streams count for so long, and once in that time. */
const periodMs = 100;

/** What a stream waits for after a write; undefined where it may go on at once. */
export type Pause = () => Promise<void> | undefined;

export class WatchPace {
  private period = 0;
  /** Streams that were written to in this period, and in the one before. */
  private active = 0;
  private activeBefore = 0;
  private pausing: Promise<void> | undefined;

  constructor(private readonly clock: Clock) {}

  /** For a stream of its own. */
  join(): Pause {
    let counted = -1;
    return () => {
      this.enterPeriod();
      if (counted !== this.period) this.active++;
      counted = this.period;
      return this.pause();
    };
  }

  private enterPeriod(): void {
    const period = Math.floor(this.clock.monotonic() / periodMs);
    if (period === this.period) return;
    this.activeBefore = period === this.period + 1 ? this.active : 0;
    this.active = 0;
    this.period = period;
  }

  /** All streams go on together: then what one event is encoded to serves all of them. */
  private pause(): Promise<void> | undefined {
    const pauseMs = Math.min(Math.max(this.active, this.activeBefore) * msPerStream, longestMs);
    if (pauseMs < shortestMs) return undefined;
    this.pausing ??= this.clock.sleep(pauseMs).then(() => {
      this.pausing = undefined;
    });
    return this.pausing;
  }
}
