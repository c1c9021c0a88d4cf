// The envelopes of application/vnd.kubernetes.protobuf: objects, lists joined from the messages of their items, and events of a watch.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { encodeMessage } from './encode-protobuf.js';

const magic = Buffer.from('k8s\0');
/** contentEncoding and contentType, which Go writes although nobody sets them. */
const unknownEnd = Buffer.from([0x1a, 0, 0x22, 0]);
const chunk1 = 0x0a;
const chunk2 = 0x12;

/** A varint of a length. */
function lengthBytes(length: number): number[] {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

const head = (tag: number, length: number): Buffer => Buffer.from([tag, ...lengthBytes(length)]);

/** What a kind is called in an envelope. */
export interface EnvelopeType {
  readonly apiVersion: string;
  readonly kind: string;
}

function envelopeHead({ apiVersion, kind }: EnvelopeType, rawLength: number): Buffer {
  const typeMeta = encodeMessage('runtime.TypeMeta', { apiVersion, kind });
  return Buffer.concat([magic, head(chunk1, typeMeta.length), typeMeta, head(chunk2, rawLength)]);
}

/** A message of a kind as a body of its own. */
export const protobufObject = (type: EnvelopeType, message: Buffer): Buffer =>
  Buffer.concat([envelopeHead(type, message.length), message, unknownEnd]);

/** A list joined from the messages of its items. */
export function protobufList(type: EnvelopeType, metadata: object, items: readonly Buffer[]): Buffer {
  const meta = encodeMessage('meta.v1.ListMeta', metadata);
  const heads = items.map(({ length }) => head(chunk2, length));
  const metaHead = head(chunk1, meta.length);
  const size = items.reduce((sum, item, index) => sum + item.length + heads[index]!.length, metaHead.length + meta.length);
  const parts = items.flatMap((item, index) => [heads[index]!, item]);
  return Buffer.concat([envelopeHead(type, size), metaHead, meta, ...parts, unknownEnd]);
}

/** An event of a watch whose object is in an envelope: its length in four bytes, then the event as a bare message. */
export function protobufWatchFrame(eventType: string, object: Buffer): Buffer {
  const type = Buffer.from(eventType);
  const raw = Buffer.concat([head(chunk1, object.length), object]);
  const event = Buffer.concat([head(chunk1, type.length), type, head(chunk2, raw.length), raw]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}
