// What happened since compaction: one entry per revision, with the map as it was after it. A fork shares the array;
// whoever appends where the other already has copies it first.
import type { KeyValue, StoreEvent } from '../store.js';
import { inRange } from '../watch-hub.js';
import type { OrderedMap } from './ordered-map.js';

interface Entry {
  readonly event: StoreEvent;
  readonly after: OrderedMap<KeyValue>;
  readonly bytes: number;
}

export class RevisionLog {
  private entries: Entry[] = [];
  /** Where the entry of revision `base + 1` is. */
  private offset = 0;
  private length = 0;
  sizeBytes = 0;

  constructor(
    public base: number,
    private baseMap: OrderedMap<KeyValue>,
  ) {}

  get newest(): number {
    return this.base + this.length;
  }

  fork(): RevisionLog {
    const copy = new RevisionLog(this.base, this.baseMap);
    copy.entries = this.entries;
    copy.offset = this.offset;
    copy.length = this.length;
    copy.sizeBytes = this.sizeBytes;
    return copy;
  }

  append(event: StoreEvent, after: OrderedMap<KeyValue>): void {
    if (this.entries.length !== this.offset + this.length) this.unshare();
    const bytes = (event.previous?.value.length ?? 0) + event.key.length;
    this.entries.push({ event, after, bytes });
    this.length++;
    this.sizeBytes += bytes;
  }

  /** The map at a revision from `base` to `newest`. */
  mapAt(revision: number): OrderedMap<KeyValue> {
    return revision === this.base ? this.baseMap : this.entries[this.offset + revision - this.base - 1]!.after;
  }

  /** Events of revisions in (after, upTo] of keys in [start, end). */
  select(after: number, upTo: number, start: string, end: string): StoreEvent[] {
    const events: StoreEvent[] = [];
    for (let revision = after + 1; revision <= upTo; revision++) {
      const { event } = this.entries[this.offset + revision - this.base - 1]!;
      if (inRange(event.key, start, end)) events.push(event);
    }
    return events;
  }

  compact(revision: number): void {
    this.baseMap = this.mapAt(revision);
    for (; this.base < revision; this.base++) {
      this.sizeBytes -= this.entries[this.offset]!.bytes;
      this.offset++;
      this.length--;
    }
    if (this.offset > this.length) this.unshare();
  }

  private unshare(): void {
    this.entries = this.entries.slice(this.offset, this.offset + this.length);
    this.offset = 0;
  }
}
