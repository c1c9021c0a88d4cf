// The JSON of a list, joined from the bytes of its items.
import type { ListAnswer } from '../handler/read.js';

const comma = Buffer.from(',');
const end = Buffer.from(']}\n');

/** Built-in kinds leave kind and apiVersion out of items, custom ones keep them. */
export function listBody({ target, items, resourceVersion, continue: next, remainingItemCount }: ListAnswer): Buffer {
  const { info, custom } = target.served.definition;
  const apiVersion = info.group ? `${info.group}/${info.version}` : info.version;
  const metadata = {
    resourceVersion,
    ...((next || custom) && { continue: next ?? '' }),
    ...(remainingItemCount !== undefined && { remainingItemCount }),
  };
  const parts: Buffer[] = [Buffer.from(`{"kind":"${info.listKind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`)];
  items.forEach((item, index) => {
    if (index > 0) parts.push(comma);
    if (custom) parts.push(item.json);
    else parts.push(openBrace, item.item);
  });
  parts.push(end);
  return Buffer.concat(parts);
}

const openBrace = Buffer.from('{');
