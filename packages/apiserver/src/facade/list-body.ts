// The JSON of a list, joined from the bytes of its items.
import type { ListAnswer } from '../handler/read.js';

const openBrace = 0x7b;
const comma = 0x2c;
const end = ']}\n';

/** Built-in kinds leave kind and apiVersion out of items, custom ones keep them. */
export function listBody({ target, items, resourceVersion, continue: next, remainingItemCount }: ListAnswer): Buffer {
  const { info, custom } = target.served.definition;
  const apiVersion = info.group ? `${info.group}/${info.version}` : info.version;
  const metadata = {
    resourceVersion,
    ...((next || custom) && { continue: next ?? '' }),
    ...(remainingItemCount !== undefined && { remainingItemCount }),
  };
  const head = Buffer.from(`{"kind":"${info.listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`);
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
