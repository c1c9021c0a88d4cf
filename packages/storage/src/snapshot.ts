// The snapshot stream, the same for every backend: a magic word and format version, the revision, then one frame per live
// key in order, then an empty frame with the number of keys, so that a cut-off file is recognised.
import type { KeyValue, Store } from './store.js';

export interface Snapshot {
  readonly revision: number;
  readonly items: readonly KeyValue[];
}

const magic = 'STEERSMAN-SNAPSHOT-1\n';
const headBytes = magic.length + 8;
/** Key length, value length, createRevision, modRevision, version. */
const frameHeadBytes = 4 + 4 + 8 + 8 + 8;
const chunkBytes = 256 * 1024;

export function* encodeSnapshot(revision: number, items: Iterable<KeyValue>): Iterable<Uint8Array> {
  const head = Buffer.alloc(headBytes);
  head.write(magic, 'latin1');
  head.writeDoubleBE(revision, magic.length);
  let pending: Uint8Array[] = [head];
  let pendingBytes = headBytes;
  let count = 0;
  for (const item of items) {
    const frame = encodeFrame(item);
    pending.push(frame);
    pendingBytes += frame.length;
    count++;
    if (pendingBytes < chunkBytes) continue;
    yield Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
  }
  const tail = { key: '', value: new Uint8Array(0), createRevision: 0, modRevision: 0, version: count };
  yield Buffer.concat([...pending, encodeFrame(tail)]);
}

/** Reads a snapshot whole; throws where it is damaged or cut off. */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<Snapshot> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  if (bytes.toString('latin1', 0, magic.length) !== magic) throw new Error('this is not a Steersman snapshot');
  const revision = bytes.readDoubleBE(magic.length);
  const items: KeyValue[] = [];
  for (let at = headBytes; at + frameHeadBytes <= bytes.length; ) {
    const { item, next } = decodeFrame(bytes, at);
    at = next;
    if (item.key !== '') items.push(item);
    else if (item.version === items.length && at === bytes.length) return { revision, items };
    else break;
  }
  throw new Error('the snapshot is damaged or incomplete');
}

/** Writes a snapshot's keys into an empty store that cannot take revisions over (etcd, remote): they get new ones. */
export async function restoreInto(store: Store, snapshot: Snapshot): Promise<void> {
  const { count } = await store.range({ start: '', end: '\uffff', countOnly: true });
  if (count > 0) throw new Error('a snapshot can only be restored into an empty store');
  for (let at = 0; at < snapshot.items.length; at += 64) {
    await Promise.all(snapshot.items.slice(at, at + 64).map(({ key, value }) => store.write({ key, value, expect: 0 })));
  }
}

function encodeFrame(item: KeyValue): Uint8Array {
  const keyBytes = Buffer.byteLength(item.key);
  const frame = Buffer.allocUnsafe(frameHeadBytes + keyBytes + item.value.length);
  frame.writeUInt32BE(keyBytes, 0);
  frame.writeUInt32BE(item.value.length, 4);
  frame.writeDoubleBE(item.createRevision, 8);
  frame.writeDoubleBE(item.modRevision, 16);
  frame.writeDoubleBE(item.version, 24);
  frame.write(item.key, frameHeadBytes);
  frame.set(item.value, frameHeadBytes + keyBytes);
  return frame;
}

function decodeFrame(bytes: Buffer, at: number): { item: KeyValue; next: number } {
  const keyAt = at + frameHeadBytes;
  const valueAt = keyAt + bytes.readUInt32BE(at);
  const next = valueAt + bytes.readUInt32BE(at + 4);
  if (next > bytes.length) throw new Error('the snapshot is damaged or incomplete');
  const item = {
    key: bytes.toString('utf8', keyAt, valueAt),
    value: new Uint8Array(bytes.subarray(valueAt, next)),
    createRevision: bytes.readDoubleBE(at + 8),
    modRevision: bytes.readDoubleBE(at + 16),
    version: bytes.readDoubleBE(at + 24),
  };
  return { item, next };
}
