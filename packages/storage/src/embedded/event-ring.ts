// The newest events in memory, shared by all watchers; older ones are read from the database.
import type { StoreEvent } from '../store.js';
import { inRange } from '../watch-hub.js';

const mostEvents = 4_000;
const mostBytes = 8 * 1024 * 1024;

export class EventRing {
  private events: StoreEvent[] = [];
  private bytes = 0;

  /** `newest` is the revision of the last event so far, though not held here. */
  constructor(private newest: number) {}

  push(event: StoreEvent): void {
    this.events.push(event);
    this.newest = event.revision;
    this.bytes += sizeOf(event);
    if (this.events.length <= mostEvents && this.bytes <= mostBytes) return;
    for (const dropped of this.events.splice(0, Math.ceil(this.events.length / 2))) this.bytes -= sizeOf(dropped);
  }

  /** Whether every event after this revision is here. */
  holds(after: number): boolean {
    return after >= this.newest - this.events.length;
  }

  select(after: number, upTo: number, start: string, end: string): StoreEvent[] {
    const first = this.newest - this.events.length + 1;
    const selected: StoreEvent[] = [];
    for (let revision = after + 1; revision <= upTo; revision++) {
      const event = this.events[revision - first]!;
      if (inRange(event.key, start, end)) selected.push(event);
    }
    return selected;
  }
}

const sizeOf = (event: StoreEvent): number => (event.value?.length ?? 0) + (event.previous?.value.length ?? 0) + 200;
