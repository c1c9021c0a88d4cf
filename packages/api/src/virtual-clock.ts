// A clock that stands still until it is told to advance: tests run on it, and clusters that were started with --virtual-time.
import { type Clock, sleepOn, type Timer } from './clock.js';

interface Entry {
  readonly at: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/** Virtual time: timers fire in order of their instant (then of their making) as `advance` passes them. */
export class VirtualClock implements Clock {
  private current: number;
  private sequence = 0;
  private readonly entries = new Set<Entry>();

  /** `settle` waits until what a timer has set off is done. */
  constructor(
    startMs = 1_767_225_600_000,
    private readonly settle: () => Promise<void> = oneTurn,
  ) {
    this.current = startMs;
  }

  now(): number {
    return this.current;
  }

  monotonic(): number {
    return this.current;
  }

  after(delayMs: number, callback: () => void): Timer {
    const entry: Entry = { at: this.current + Math.max(0, delayMs), sequence: this.sequence++, callback };
    this.entries.add(entry);
    return { cancel: () => this.entries.delete(entry) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** The instant of the next timer, if any. */
  nextAt(): number | undefined {
    return this.next()?.at;
  }

  /** Moves time on, firing what falls due on the way; pending promise callbacks run between timers. */
  async advance(durationMs: number): Promise<void> {
    const until = this.current + durationMs;
    await this.settle();
    for (let entry = this.next(); entry && entry.at <= until; entry = this.next()) {
      this.entries.delete(entry);
      this.current = Math.max(this.current, entry.at);
      entry.callback();
      await this.settle();
    }
    this.current = until;
  }

  private next(): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.entries) if (!first || entry.at < first.at || (entry.at === first.at && entry.sequence < first.sequence)) first = entry;
    return first;
  }
}

/** Lets everything that is ready to run, run: promise jobs and I/O callbacks already queued. */
const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
