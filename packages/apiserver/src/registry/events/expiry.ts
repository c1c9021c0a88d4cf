// Events live an hour: those that were last seen longer ago are taken out of the store.
import { type Clock, type Event, fromTime, type Logger } from '@steersman/api';
import type { Runnable } from '@steersman/component-base';
import type { CachedObject } from '../../cache/cached-object.js';
import type { Resource } from '../resource.js';

const lifetimeMs = 3600 * 1000;
const periodMs = 60_000;

export class EventExpiry implements Runnable {
  readonly name = 'event expiry';

  constructor(
    private readonly events: Resource,
    private readonly tools: { readonly clock: Clock; readonly logger: Logger },
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.tools;
    while (!signal.aborted) {
      await clock.sleep(periodMs, signal);
      if (signal.aborted) return;
      await this.sweep().catch((err: unknown) => logger.warn('removing old events failed', { err }));
    }
  }

  private async sweep(): Promise<void> {
    const before = this.tools.clock.now() - lifetimeMs;
    for (const cached of this.events.cache.list())
      if (lastSeen(cached) < before) await this.events.remove(cached, cached.object, false).catch(() => undefined);
  }
}

/** When an event was last seen, by whichever of its times it has. */
function lastSeen({ object }: CachedObject): number {
  const { series, lastTimestamp, eventTime, firstTimestamp, metadata } = object as unknown as Event;
  const times = [series?.lastObservedTime, lastTimestamp, eventTime, firstTimestamp, metadata.creationTimestamp]
    .map(fromTime)
    .filter((time) => !Number.isNaN(time));
  return times.length ? Math.max(...times) : Number.POSITIVE_INFINITY;
}
