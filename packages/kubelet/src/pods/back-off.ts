// Back-off per key: each step doubles the wait, and a long quiet time starts it anew.
// Mirrors client-go's flowcontrol.Backoff.
import type { Clock } from '@steersman/api';

interface Entry {
  readonly delayMs: number;
  readonly atMs: number;
}

export interface BackOffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
}

export class BackOff {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly clock: Clock,
    private readonly options: BackOffOptions,
  ) {}

  /** How long the key still has to wait, counted from an event; 0 where it need not. */
  remaining(key: string, eventMs: number): number {
    const entry = this.entries.get(key);
    if (!entry || this.expired(entry, eventMs)) return 0;
    return Math.max(0, entry.delayMs - (this.clock.now() - eventMs));
  }

  /** The same, counted from the last step. */
  remainingSinceStep(key: string): number {
    const entry = this.entries.get(key);
    return entry ? Math.max(0, entry.delayMs - (this.clock.now() - entry.atMs)) : 0;
  }

  /** How long ago the last step was. */
  sinceStep(key: string): number {
    const entry = this.entries.get(key);
    return entry ? this.clock.now() - entry.atMs : Number.POSITIVE_INFINITY;
  }

  delayOf(key: string): number {
    return this.entries.get(key)?.delayMs ?? 0;
  }

  /** The next wait is twice as long as the last; of the first length after a quiet time. */
  step(key: string, eventMs: number): void {
    const entry = this.entries.get(key);
    const delayMs = entry && !this.expired(entry, eventMs) ? Math.min(entry.delayMs * 2, this.options.maxMs) : this.options.initialMs;
    this.entries.set(key, { delayMs, atMs: this.clock.now() });
  }

  forget(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key);
  }

  private expired({ atMs }: Entry, eventMs: number): boolean {
    return eventMs - atMs > 2 * this.options.maxMs;
  }
}
