// Wakes watchers: at once those whose range was written to, the others a moment later, so that they can report progress.
import type { Clock, Timer } from '@steersman/api';

/** How soon a watcher learns that keys outside its range have moved. */
const progressDelayMs = 100;

export const inRange = (key: string, start: string, end: string): boolean => key >= start && key < end;

/** One watcher's place in the hub. */
export class Waiter {
  private resolve: (() => void) | undefined;
  private woken = false;

  constructor(
    readonly start: string,
    readonly end: string,
  ) {}

  readonly wake = (): void => {
    this.woken = true;
    this.resolve?.();
    this.resolve = undefined;
  };

  /** Resolves when woken since the last wait. */
  async wait(): Promise<void> {
    if (!this.woken) await new Promise<void>((resolve) => (this.resolve = resolve));
    this.woken = false;
  }
}

export class WatchHub {
  private readonly waiters = new Set<Waiter>();
  private timer: Timer | undefined;

  constructor(private readonly clock: Clock) {}

  /** Runs `body` with a waiter that is woken by writes to [start, end), by progress and by the signal. */
  async *watching<T>(
    range: { readonly start: string; readonly end: string },
    signal: AbortSignal,
    body: (waiter: Waiter) => AsyncIterable<T>,
  ): AsyncIterable<T> {
    const waiter = new Waiter(range.start, range.end);
    this.waiters.add(waiter);
    signal.addEventListener('abort', waiter.wake, { once: true });
    try {
      yield* body(waiter);
    } finally {
      signal.removeEventListener('abort', waiter.wake);
      this.waiters.delete(waiter);
    }
  }

  written(key: string): void {
    let others = false;
    for (const waiter of this.waiters) {
      if (inRange(key, waiter.start, waiter.end)) waiter.wake();
      else others = true;
    }
    if (others) this.timer ??= this.clock.after(progressDelayMs, () => this.wakeAll());
  }

  wakeAll(): void {
    this.timer?.cancel();
    this.timer = undefined;
    for (const waiter of this.waiters) waiter.wake();
  }
}
