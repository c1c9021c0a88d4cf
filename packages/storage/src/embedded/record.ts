// How the embedded backend writes keys and records.
//   versions:   <key> 00 <revision, 8 bytes> <deleted, 1 byte>  ->  createRevision, version, previous revision, value
//   revisions:  <revision, 8 bytes>                             ->  deleted (1 byte), <key>
import type { KeyValue } from '../store.js';

const revisionBytes = 8;
const recordHeadBytes = 24;

/** One version of a key. */
export interface VersionKey {
  readonly key: string;
  readonly revision: number;
  readonly deleted: boolean;
}

export interface VersionRecord {
  readonly createRevision: number;
  readonly version: number;
  /** The version that this one replaced; 0 where there was none. */
  readonly previousRevision: number;
  readonly value: Uint8Array;
}

const writeRevision = (bytes: Buffer, revision: number, at: number): void => {
  bytes.writeUInt32BE(Math.floor(revision / 2 ** 32), at);
  bytes.writeUInt32BE(revision >>> 0, at + 4);
};

const readRevision = (bytes: Buffer, at: number): number => bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);

export function encodeVersionKey({ key, revision, deleted }: VersionKey): Buffer {
  const keyBytes = key.length;
  const bytes = Buffer.allocUnsafe(keyBytes + revisionBytes + 2);
  bytes.write(key, 'latin1');
  bytes[keyBytes] = 0;
  writeRevision(bytes, revision, keyBytes + 1);
  bytes[keyBytes + revisionBytes + 1] = deleted ? 1 : 0;
  return bytes;
}

export function decodeVersionKey(bytes: Buffer): VersionKey {
  const keyBytes = bytes.length - revisionBytes - 2;
  return {
    key: bytes.toString('latin1', 0, keyBytes),
    revision: readRevision(bytes, keyBytes + 1),
    deleted: bytes[bytes.length - 1] === 1,
  };
}

export function encodeRecord(record: VersionRecord): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeadBytes + record.value.length);
  bytes.writeDoubleBE(record.createRevision, 0);
  bytes.writeDoubleBE(record.version, 8);
  bytes.writeDoubleBE(record.previousRevision, 16);
  bytes.set(record.value, recordHeadBytes);
  return bytes;
}

export const decodeRecord = (bytes: Buffer): VersionRecord => ({
  createRevision: bytes.readDoubleBE(0),
  version: bytes.readDoubleBE(8),
  previousRevision: bytes.readDoubleBE(16),
  value: new Uint8Array(bytes.buffer, bytes.byteOffset + recordHeadBytes, bytes.length - recordHeadBytes),
});

export const toKeyValue = ({ key, revision }: VersionKey, record: VersionRecord): KeyValue => ({
  key,
  value: record.value,
  createRevision: record.createRevision,
  modRevision: revision,
  version: record.version,
});

export function encodeRevision(revision: number): Buffer {
  const bytes = Buffer.allocUnsafe(revisionBytes);
  writeRevision(bytes, revision, 0);
  return bytes;
}

export const decodeRevision = (bytes: Buffer): number => readRevision(bytes, 0);

export function encodeRevisionRow({ key, deleted }: VersionKey): Buffer {
  return Buffer.concat([Buffer.of(deleted ? 1 : 0), Buffer.from(key, 'latin1')]);
}

export const decodeRevisionRow = (revision: number, bytes: Buffer): VersionKey => ({
  key: bytes.toString('latin1', 1),
  revision,
  deleted: bytes[0] === 1,
});
