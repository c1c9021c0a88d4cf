// The work queue of controllers: each key waits once, is worked on by one worker at a time, and backs off when it fails.
// Mirrors the semantics of client-go's workqueue.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer } from '@steersman/api';

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Keys wait in order of arrival. A key added while it is worked on is handed out again afterwards, once. */
export class WorkQueue {
  private readonly waiting = new Set<string>();
  private readonly active = new Set<string>();
  private readonly again = new Set<string>();
  private readonly delayed = new Map<string, { at: number; timer: Timer }>();
  private readonly failures = new Map<string, number>();
  private readonly takers: Array<(key: string | undefined) => void> = [];
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly backoff: BackoffOptions = { baseMs: 5, maxMs: 1_000_000 },
  ) {}

  /** Keys waiting to be taken. */
  get depth(): number {
    return this.waiting.size;
  }

  /** Nothing waits and nothing is worked on (delayed keys aside). */
  get idle(): boolean {
    return this.waiting.size === 0 && this.active.size === 0;
  }

  add(key: string): void {
    if (this.closed) return;
    if (this.active.has(key)) {
      this.again.add(key);
      return;
    }
    const taker = this.takers.shift();
    if (!taker) {
      this.waiting.add(key);
      return;
    }
    this.active.add(key);
    taker(key);
  }

  /** Adds the key after a delay; of several delays the shortest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const at = this.clock.now() + delayMs;
    const pending = this.delayed.get(key);
    if (pending && pending.at <= at) return;
    pending?.timer.cancel();
    const timer = this.clock.after(delayMs, () => {
      this.delayed.delete(key);
      this.add(key);
    });
    this.delayed.set(key, { at, timer });
  }

  /** Adds the key again after a delay that doubles with each failure. */
  retry(key: string): void {
    const failed = this.failures.get(key) ?? 0;
    this.failures.set(key, failed + 1);
    this.addAfter(key, Math.min(this.backoff.baseMs * 2 ** failed, this.backoff.maxMs));
  }

  /** Ends the key's back-off: its last work succeeded. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  /** How often the key has failed since it last succeeded. */
  failuresOf(key: string): number {
    return this.failures.get(key) ?? 0;
  }

  /** The next key, as soon as there is one; undefined once the queue is closed. Follow with `done`. */
  take(): Promise<string | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    const [next] = this.waiting;
    if (next === undefined) return new Promise((resolve) => this.takers.push(resolve));
    this.waiting.delete(next);
    this.active.add(next);
    return Promise.resolve(next);
  }

  /** Work on the key has ended. */
  done(key: string): void {
    this.active.delete(key);
    if (this.again.delete(key)) this.add(key);
  }

  /** Wakes every taker with undefined and drops what waits. */
  close(): void {
    this.closed = true;
    this.waiting.clear();
    for (const { timer } of this.delayed.values()) timer.cancel();
    this.delayed.clear();
    for (const taker of this.takers.splice(0)) taker(undefined);
  }

  /** Works the queue with so many workers until the signal aborts; resolves when all have stopped. `work` must not throw. */
  async drain(signal: AbortSignal, { workers, work }: { workers: number; work: (key: string) => Promise<void> }): Promise<void> {
    const close = (): void => this.close();
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
    const loop = async (): Promise<void> => {
      for (let key = await this.take(); key !== undefined; key = await this.take()) {
        try {
          await work(key);
        } finally {
          this.done(key);
        }
        // In one process a whole reconcile can run without I/O: let everything else have its turn.
        await nextTurn();
      }
    };
    await Promise.all(Array.from({ length: workers }, loop));
    signal.removeEventListener('abort', close);
  }

  /** As `drain`, but work may fail: `failed` is told, and the key is worked on again after its back-off. */
  async drainRetrying(
    signal: AbortSignal,
    { workers, work, failed }: { workers: number; work: (key: string) => Promise<void>; failed: (key: string, error: unknown) => void },
  ): Promise<void> {
    const retried = async (key: string): Promise<void> => {
      try {
        await work(key);
        this.forget(key);
      } catch (error) {
        if (signal.aborted) return;
        failed(key, error);
        this.retry(key);
      }
    };
    await this.drain(signal, { workers, work: retried });
  }
}
