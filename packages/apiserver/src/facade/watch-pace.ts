// How often watchers are written to. Each write costs the same whether it holds one event or fifty, so where many watch, a watcher
// that was just written to rests while more events come together; one that has had nothing for a while is told at once.
import type { Clock } from '@steersman/api';

/** What one write takes, roughly, with as much again for the rest of the server. */
const msPerStream = 0.1;
const longestMs = 50;
const shortestMs = 1;

export class WatchPace {
  private streams = 0;
  private pausing: Promise<void> | undefined;

  constructor(private readonly clock: Clock) {}

  /** Counts a stream until the function that comes back is called. */
  join(): () => void {
    this.streams++;
    return () => this.streams--;
  }

  /** What a stream waits for after a write, and all others with it; undefined where few watch. */
  pause(): Promise<void> | undefined {
    const pauseMs = Math.min(this.streams * msPerStream, longestMs);
    if (pauseMs < shortestMs) return undefined;
    this.pausing ??= this.clock.sleep(pauseMs).then(() => {
      this.pausing = undefined;
    });
    return this.pausing;
  }
}
