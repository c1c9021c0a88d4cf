// Automatic compaction, the same for every backend: forgets what is older than the retention or beyond its revisions.
import type { Clock } from '@steersman/api';
import type { Retention, Store } from './store.js';

const intervalMs = 30_000;

/** Compacts `store` now and then until the signal aborts. A failed compaction is tried again at the next turn. */
export async function compactAutomatically(store: Store, retention: Retention, clock: Clock, signal: AbortSignal): Promise<void> {
  let samples: { readonly at: number; readonly revision: number }[] = [];
  while (!signal.aborted) {
    await clock.sleep(Math.min(intervalMs, retention.ageMs), signal);
    if (signal.aborted) return;
    const status = await store.status().catch(() => undefined);
    if (!status) continue;
    const now = clock.monotonic();
    samples.push({ at: now, revision: status.revision });
    const aged = samples.findLast((sample) => now - sample.at >= retention.ageMs);
    samples = samples.filter((sample) => sample.at >= (aged?.at ?? 0));
    const target = Math.max(aged?.revision ?? 0, status.revision - retention.revisions);
    if (target > status.compactRevision) await store.compact(target).catch(() => undefined);
  }
}
