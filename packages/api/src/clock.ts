// Time comes in from outside: every component takes a Clock, so that a whole cluster can run on virtual time.

/** A pending timer; cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** Where a component gets its time from. Instants are milliseconds since the epoch. */
export interface Clock {
  /** Now, in milliseconds since the epoch; may jump when the system's clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary origin; never goes back. For measuring durations. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
  /** Resolves after `delayMs`, or at once when `signal` aborts (it never rejects: an abort is not a failure). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay a Node timer takes; longer ones are chained. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const arm = (remainingMs: number): void => {
      const step = Math.min(Math.max(0, remainingMs), longestTimerMs);
      handle = setTimeout(() => (remainingMs > step ? arm(remainingMs - step) : callback()), step);
    };
    arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  sleep(delayMs, signal) {
    return sleepOn(this, delayMs, signal);
  },
};

/** `Clock.sleep` in terms of `Clock.after`. */
export function sleepOn(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** The last second written: most times are of the same one. */
let written = { second: 0, text: '1970-01-01T00:00:00Z' };

/** An instant as Kubernetes writes it in `metav1.Time`: RFC 3339, whole seconds, UTC. */
export function toTime(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== written.second) written = { second, text: `${new Date(epochMs).toISOString().slice(0, 19)}Z` };
  return written.text;
}

/** An instant as Kubernetes writes it in `metav1.MicroTime`: RFC 3339 with six decimals, UTC. */
export const toMicroTime = (epochMs: number): string =>
  `${new Date(epochMs).toISOString().slice(0, 23)}${String(Math.floor((epochMs % 1) * 1000)).padStart(3, '0')}Z`;

/** Milliseconds since the epoch of a `metav1.Time` or `MicroTime`; NaN where it is no time. */
export const fromTime = (time: string | undefined | null): number => (time ? Date.parse(time) : Number.NaN);
