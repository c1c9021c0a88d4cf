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
    resourceVersion,
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

/** A list in JSON. Built-in kinds leave kind and apiVersion out of items, custom ones keep them. */
export function listBody(answer: ListAnswer): Buffer {
  const { target, items } = answer;
  const { custom } = target.served.definition;
  const { kind, apiVersion } = typeOf(answer);
  const metadata = metadataOf(answer);
  const head = Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`);
  const parts = items.map((item) => (custom ? item.json : item.item));
  const extra = custom ? 1 : 2;
  const size = parts.reduce((sum, part) => sum + part.length + extra, head.length - (parts.length ? 1 : 0) + end.length);
  const body = Buffer.allocUnsafe(size);
  let at = head.copy(body);
  parts.forEach((part, index) => {
    if (index > 0) body[at++] = comma;
    if (!custom) body[at++] = openBrace;
    at += part.copy(body, at);
  });
  body.write(end, at, 'latin1');
  return body;
}
