// Makes a request that goes wrong smaller: leaves out what it goes wrong without.
import type { FuzzRequest } from './requests.js';

/** So often a smaller request is tried. */
const mostTries = 300;

/** The smallest request found for which `fails` still holds. */
export async function reduced(request: FuzzRequest, fails: (smaller: FuzzRequest) => Promise<boolean>): Promise<FuzzRequest> {
  let least = request;
  let tries = 0;
  for (let progress = true; progress; ) {
    progress = false;
    for (const smaller of smallerThan(least)) {
      if (tries++ >= mostTries) return least;
      if (!(await fails(smaller))) continue;
      least = smaller;
      progress = true;
      break;
    }
  }
  return least;
}

function* smallerThan(request: FuzzRequest): Generator<FuzzRequest> {
  const { path, headers, body } = request;
  const [place = '', query = ''] = path.split('?');
  const pairs = query.split('&');
  for (const at of pairs.keys())
    if (!pairs[at]?.startsWith('timeoutSeconds')) yield { ...request, path: `${place}?${pairs.toSpliced(at, 1).join('&')}` };
  for (const at of headers.keys()) yield { ...request, headers: headers.toSpliced(at, 1) };
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body, 'latin1').toString());
  } catch {
    return;
  }
  for (const smaller of without(value)) yield { ...request, body: Buffer.from(JSON.stringify(smaller)).toString('latin1') };
}

/** The value without each of its parts in turn, the larger parts first. */
function* without(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const at of value.keys()) yield value.toSpliced(at, 1);
    for (const [at, item] of value.entries()) for (const smaller of without(item)) yield value.with(at, smaller);
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    for (const at of entries.keys()) yield Object.fromEntries(entries.toSpliced(at, 1));
    for (const [at, [key, item]] of entries.entries())
      for (const smaller of without(item)) yield Object.fromEntries(entries.with(at, [key, smaller]));
  }
}
