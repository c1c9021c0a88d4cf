// The token by which a list goes on: at which revision, after which key.
import { badRequest } from '@steersman/api';
import { jsonType } from '../request/body-parser.js';

export interface ContinueToken {
  readonly v: string;
  /** Below 0 where the rest is of whatever revision there is. */
  readonly rv: number;
  readonly start: string;
}

const version = 'meta.k8s.io/v1';
const fields = { v: 'string', rv: 'number', start: 'string' } as const;
const goTypes = { string: 'string', number: 'int64' } as const;

/** The token of a list that goes on after a key, which is told without the prefix of the list. */
export const writeToken = (lastKey: string, revision: number): string =>
  Buffer.from(JSON.stringify({ v: version, rv: revision, start: `${lastKey}\0` } satisfies ContinueToken)).toString('base64url');

const invalid = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);

export function parseToken(text: string): ContinueToken {
  if (!/^[\w-]*=*$/.test(text)) throw invalid('illegal base64 data at input byte 0');
  const { v = '', rv = 0, start = '' } = checked(json(Buffer.from(text, 'base64url')));
  if (v !== version) throw invalid(`server does not recognize this encoded version ${JSON.stringify(v)}`);
  if (rv === 0) throw invalid(`incorrect encoded start resourceVersion (version ${version})`);
  if (start === '') throw invalid(`encoded start key empty (version ${version})`);
  if (start.split('/').some((part, at) => part === '..' || part === '.' || (part === '' && at > 0))) throw invalid(start);
  return { v, rv, start };
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    const first = bytes[0];
    if (first === undefined) throw invalid('unexpected end of JSON input');
    throw invalid(
      `invalid character '${first < 0x80 ? String.fromCharCode(first) : `\\u${first.toString(16).padStart(4, '0')}`}' looking for beginning of value`,
    );
  }
}

/** A token of which every field that it has is of its type. */
function checked(token: unknown): Partial<ContinueToken> {
  if (token === null) return {};
  if (typeof token !== 'object' || Array.isArray(token))
    throw invalid(`json: cannot unmarshal ${jsonType(token)} into Go value of type storage.continueToken`);
  const given = Object.entries(fields).flatMap(([name, type]) => {
    const value = (token as Record<string, unknown>)[name] ?? undefined;
    if (value === undefined) return [];
    const whole = type !== 'number' || Number.isSafeInteger(value);
    if (typeof value !== type || !whole) {
      const shown = typeof value === 'number' && type === 'number' ? `number ${value}` : jsonType(value);
      throw invalid(`json: cannot unmarshal ${shown} into Go struct field continueToken.${name} of type ${goTypes[type]}`);
    }
    return [[name, value]];
  });
  return Object.fromEntries(given) as Partial<ContinueToken>;
}
