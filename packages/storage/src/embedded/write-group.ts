// What one transaction will write: evaluates compare-and-swaps one after the other, each seeing those before it.
import type { KeyValue, StoreEvent, Write, WriteResult } from '../store.js';
import { StoreFullError } from '../store-error.js';
import { type VersionTable, versionBytes } from './version-table.js';

export class WriteGroup {
  readonly events: StoreEvent[] = [];
  /** By how much the retained versions grow. */
  bytes = 0;
  private readonly written = new Map<string, KeyValue | undefined>();
  private readonly versions: number[] = [];

  constructor(
    private readonly table: VersionTable,
    /** The newest revision, with those of this group. */
    public revision: number,
    private readonly hasRoom: boolean,
  ) {}

  evaluate({ key, value, expect }: Write): WriteResult | StoreFullError {
    const previous = this.written.has(key) ? this.written.get(key) : this.table.latest(key);
    if (expect !== undefined && expect !== (previous?.modRevision ?? 0)) {
      return { ok: false, revision: this.revision, ...(previous && { current: previous }) };
    }
    if (value === null && !previous) return { ok: true, revision: this.revision };
    if (value !== null && !this.hasRoom) return new StoreFullError();
    const revision = ++this.revision;
    const createRevision = previous?.createRevision ?? revision;
    const version = value ? (previous?.version ?? 0) + 1 : 0;
    this.written.set(key, value ? { key, value, createRevision, modRevision: revision, version } : undefined);
    this.versions.push(version);
    this.bytes += versionBytes(key, value);
    const event = { key, revision, createRevision, ...(previous && { previous }) };
    this.events.push(value ? { type: 'put', ...event, value } : { type: 'delete', ...event });
    return { ok: true, revision, ...(previous && { previous }) };
  }

  /** To be called in a transaction. */
  apply(): void {
    for (const [index, event] of this.events.entries()) {
      const { key, revision, createRevision, previous, value } = event;
      const record = { createRevision, version: this.versions[index]!, previousRevision: previous?.modRevision ?? 0 };
      this.table.put({ key, revision, deleted: !value }, { ...record, value: value ?? new Uint8Array(0) });
    }
  }
}
