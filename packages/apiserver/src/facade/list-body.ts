// Lists as bodies, joined from the bytes of their items.
import { groupVersion, protobufList } from '@steersman/api';
import type { ListAnswer } from '../handler/read.js';

const openBrace = 0x7b;
const comma = 0x2c;
const end = ']}\n';

const typeOf = ({ target }: ListAnswer): { kind: string; apiVersion: string } => {
  const { info } = target.served.definition;
  return { kind: info.listKind, apiVersion: groupVersion(info) };
};

function metadataOf({ target, resourceVersion, continue: next, remainingItemCount }: ListAnswer): object {
  const { custom } = target.served.definition;
  return {
    ...(resourceVersion && { resourceVersion }),
    ...((next || custom) && { continue: next ?? '' }),
    ...(remainingItemCount !== undefined && { remainingItemCount }),
  };
}

/** A list in protobuf; custom kinds have none. */
export const protobufListBody = (answer: ListAnswer): Buffer =>
  protobufList(
    typeOf(answer),
    metadataOf(answer),
    answer.items.map(({ message }) => message),
  );

/** A body that is made piece by piece as it is sent: of a long list, nobody has all at once. */
export interface Pieces {
  readonly length: number;
  readonly pieces: Iterable<Buffer>;
}

const pieceBytes = 256 * 1024;

/** A list in JSON, in pieces of about that many bytes. Built-in kinds leave kind and apiVersion out of items, custom ones keep them. */
export function listPieces(answer: ListAnswer, bytes = pieceBytes): Pieces {
  const { target, items } = answer;
  const custom = target.served.definition.custom ?? false;
  const { kind, apiVersion } = typeOf(answer);
  const head = Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadataOf(answer))},"items":[`);
  const parts = items.map((item) => (custom ? item.json : item.item));
  const extra = custom ? 1 : 2;
  const length = parts.reduce((sum, part) => sum + part.length + extra, head.length - (parts.length ? 1 : 0) + end.length);
  return { length, pieces: joined({ head, parts, custom, length, bytes }) };
}

/** The same in one piece. */
export function listBody(answer: ListAnswer): Buffer {
  const [whole] = listPieces(answer, Number.POSITIVE_INFINITY).pieces;
  return whole!;
}

interface Joining {
  readonly head: Buffer;
  readonly parts: readonly Buffer[];
  readonly custom: boolean;
  readonly length: number;
  readonly bytes: number;
}

function* joined({ head, parts, custom, length, bytes }: Joining): Generator<Buffer> {
  let left = length;
  let piece = Buffer.allocUnsafe(Math.min(left, bytes + head.length));
  let at = head.copy(piece);
  for (const [index, part] of parts.entries()) {
    if (at + part.length + 2 + end.length > piece.length && piece.length < left) {
      yield piece.subarray(0, at);
      left -= at;
      piece = Buffer.allocUnsafe(Math.min(left, Math.max(bytes, part.length + 2 + end.length)));
      at = 0;
    }
    if (index > 0) piece[at++] = comma;
    if (!custom) piece[at++] = openBrace;
    at += part.copy(piece, at);
  }
  at += piece.write(end, at, 'latin1');
  yield piece.subarray(0, at);
}
