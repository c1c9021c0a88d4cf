// The LMDB tables and what is read from and written to them. Every version of every key since compaction is here, so a
// read at a revision takes, for each key, the newest version that is not newer than it.
import { type Database, open, type RootDatabase } from 'lmdb';
import type { KeyValue, RangeRequest, RangeResult, StoreEvent } from '../store.js';
import { inRange } from '../watch-hub.js';
import {
  decodeRecord,
  decodeRevision,
  decodeRevisionRow,
  decodeVersionKey,
  encodeRecord,
  encodeRevision,
  encodeRevisionRow,
  encodeVersionKey,
  toKeyValue,
  type VersionKey,
  type VersionRecord,
} from './record.js';

/** What is remembered of the store as a whole. */
export interface Meta {
  readonly revision: number;
  readonly compactRevision: number;
  /** Of keys and values of all retained versions. */
  readonly sizeBytes: number;
}

const noBytes = new Uint8Array(0);
const furthestRevision = Number.MAX_SAFE_INTEGER;

export const versionBytes = (key: string, value: Uint8Array | null | undefined): number => 2 * key.length + (value?.length ?? 0) + 64;

export class VersionTable {
  private readonly root: RootDatabase<Meta, string>;
  private readonly versions: Database<Buffer, Buffer>;
  private readonly revisions: Database<Buffer, Buffer>;

  constructor(path: string, durable: boolean) {
    this.root = open<Meta, string>({
      path,
      encoding: 'json',
      noSync: !durable,
      overlappingSync: false,
      eventTurnBatching: false,
      noSubdir: true,
      maxDbs: 4,
    });
    this.versions = this.root.openDB('versions', { encoding: 'binary', keyEncoding: 'binary' });
    this.revisions = this.root.openDB('revisions', { encoding: 'binary', keyEncoding: 'binary' });
  }

  meta(): Meta {
    return this.root.get('meta') ?? { revision: 1, compactRevision: 1, sizeBytes: 0 };
  }

  /** Runs `body`'s puts and deletions as one transaction; resolves when it is on disk. */
  async transact(meta: Meta, body: () => void): Promise<void> {
    const pending: Promise<unknown>[] = [];
    const done = this.root.batch(() => {
      body();
      pending.push(this.root.put('meta', meta));
    });
    const outcomes = await Promise.allSettled([done, ...pending]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw await reasonOf(failed.reason);
  }

  async close(): Promise<void> {
    await this.root.close();
  }

  put(version: VersionKey, record: VersionRecord): void {
    observed(this.versions.put(encodeVersionKey(version), encodeRecord(record)));
    observed(this.revisions.put(encodeRevision(version.revision), encodeRevisionRow(version)));
  }

  /** A version restored from a snapshot: it has no history. */
  putBase(version: VersionKey, record: VersionRecord): void {
    observed(this.versions.put(encodeVersionKey(version), encodeRecord(record)));
  }

  /** Forgets compacted revisions and the versions they replaced. To be called in a transaction. */
  forget(rows: readonly VersionKey[]): void {
    for (const row of rows) {
      for (const replaced of this.replacedBy(row)) observed(this.versions.remove(encodeVersionKey(replaced)));
      observed(this.revisions.remove(encodeRevision(row.revision)));
    }
  }

  /** How many bytes `forget` will free. */
  freedBy(rows: readonly VersionKey[]): number {
    let bytes = 0;
    for (const replaced of rows.flatMap((row) => this.replacedBy(row))) {
      const record = this.versions.get(encodeVersionKey(replaced));
      if (record) bytes += versionBytes(replaced.key, decodeRecord(record).value);
    }
    return bytes;
  }

  /** Up to `limit` revisions in (after, upTo], oldest first. */
  revisionsAfter(after: number, upTo: number, limit: number): VersionKey[] {
    const range = this.revisions.getRange({ start: encodeRevision(after + 1), end: encodeRevision(upTo + 1), limit });
    return Array.from(range, ({ key, value }) => decodeRevisionRow(decodeRevision(key), value));
  }

  latest(key: string): KeyValue | undefined {
    const [end, start] = versionsOf(key);
    for (const bytes of this.versions.getKeys({ start, end, reverse: true, limit: 1 })) {
      const version = decodeVersionKey(bytes);
      return version.deleted ? undefined : toKeyValue(version, this.record(version));
    }
    return undefined;
  }

  range({ start, end, limit = 0, countOnly, keysOnly }: RangeRequest, revision: number): RangeResult {
    const items: KeyValue[] = [];
    let count = 0;
    for (const version of this.visible(start, end, revision)) {
      count++;
      if (countOnly || (limit > 0 && count > limit)) continue;
      const item = toKeyValue(version, this.record(version));
      items.push(keysOnly ? { ...item, value: noBytes } : item);
    }
    return { items, more: !countOnly && items.length < count, count, revision };
  }

  /** Events of revisions in (after, upTo] of keys in [start, end). */
  events(after: number, upTo: number, start: string, end: string): StoreEvent[] {
    const rows = this.revisionsAfter(after, upTo, upTo - after);
    return rows.filter((row) => inRange(row.key, start, end)).map((row) => this.event(row));
  }

  private event(version: VersionKey): StoreEvent {
    const { key, revision, deleted } = version;
    const record = this.record(version);
    const before = { key, revision: record.previousRevision, deleted: false };
    return {
      type: deleted ? 'delete' : 'put',
      key,
      revision,
      createRevision: record.createRevision,
      ...(!deleted && { value: record.value }),
      ...(before.revision > 0 && { previous: toKeyValue(before, this.record(before)) }),
    };
  }

  /** For each key that exists at a revision, its version then. */
  private *visible(start: string, end: string | undefined, revision: number): Iterable<VersionKey> {
    const [from, to] = end === undefined ? versionsOf(start) : [Buffer.from(start || '\0', 'latin1'), endBytes(end)];
    let found: VersionKey | undefined;
    for (const bytes of this.versions.getKeys({ start: from, end: to })) {
      const version = decodeVersionKey(bytes);
      // `start` may be the key after another one (`a\0`), which the versions of that one (`a\0...`) follow.
      if (version.key < start) continue;
      if (found && found.key !== version.key) {
        if (!found.deleted) yield found;
        found = undefined;
      }
      if (version.revision <= revision) found = version;
    }
    if (found && !found.deleted) yield found;
  }

  private record(version: VersionKey): VersionRecord {
    const bytes = this.versions.get(encodeVersionKey(version));
    if (!bytes) throw new Error(`reading ${version.key} at revision ${version.revision}: the database is damaged`);
    return decodeRecord(bytes);
  }

  /** The versions that nobody can read once this revision is compacted. */
  private replacedBy(version: VersionKey): VersionKey[] {
    const { previousRevision } = this.record(version);
    const before = { key: version.key, revision: previousRevision, deleted: false };
    return [...(previousRevision > 0 ? [before] : []), ...(version.deleted ? [version] : [])];
  }
}

/** From where to where all versions of a key are. */
const versionsOf = (key: string): [Buffer, Buffer] => [
  encodeVersionKey({ key, revision: 0, deleted: false }),
  encodeVersionKey({ key, revision: furthestRevision, deleted: true }),
];

/** Where a scan ends: with `a\0` all versions of `a` (`a\0...`) are still in range. */
const endBytes = (end: string): Buffer => Buffer.from(end.replace(/\0$/, '\0\xff').replace(/\uffff$/, '\xff'), 'latin1');

/** The transaction as a whole reports a failure; each of its writes would, too. */
const observed = (write: Promise<boolean>): void => void write.catch(reasonOf);

/** What a commit failed with: lmdb gives the reason as a promise that rejects. */
async function reasonOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  return commitError ? commitError.catch((reason: unknown) => reason) : error;
}
