// What a controller has asked for but not yet seen in its cache, so that it does not ask twice.
// Mirrors client-go's UIDTrackingControllerExpectations.
import type { Clock } from '@steersman/api';

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly since: number;
}

/** After this long an expectation no longer holds a controller up: the event was lost. */
const timeoutMs = 5 * 60_000;

/** Per controlling object (by key): creations counted, deletions by uid. */
export class Expectations {
  private readonly byKey = new Map<string, Expected>();

  constructor(private readonly clock: Clock) {}

  /** Whether the cache has caught up with everything asked for. */
  satisfied(key: string): boolean {
    const expected = this.byKey.get(key);
    if (!expected) return true;
    return (expected.creations <= 0 && expected.deletions.size === 0) || this.clock.now() - expected.since > timeoutMs;
  }

  expectCreations(key: string, count: number): void {
    this.byKey.set(key, { creations: count, deletions: new Set(), since: this.clock.now() });
  }

  expectDeletions(key: string, uids: Iterable<string>): void {
    this.byKey.set(key, { creations: 0, deletions: new Set(uids), since: this.clock.now() });
  }

  /** A creation was seen, or failed and will not be. */
  creationObserved(key: string, count = 1): void {
    const expected = this.byKey.get(key);
    if (expected) expected.creations -= count;
  }

  /** A deletion was seen, or failed and will not be. */
  deletionObserved(key: string, uid: string): void {
    this.byKey.get(key)?.deletions.delete(uid);
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }
}
