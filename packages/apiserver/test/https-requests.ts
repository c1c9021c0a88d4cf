// Requests to a server under test as clients make them, over HTTPS; users prove themselves by tokens that say who they are.
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { unauthorized } from '@steersman/api';
import type { Authenticator } from '../src/authn/authenticator.js';
import type { UserInfo } from '../src/authn/user.js';

const prefix = 'test-';

/** Takes the tokens of `tokenOf` for what they say. */
export const statedUsers: Authenticator = {
  authenticate: ({ bearerToken }) => {
    if (!bearerToken?.startsWith(prefix)) return undefined;
    if (bearerToken === `${prefix}bad`) throw unauthorized();
    return JSON.parse(Buffer.from(bearerToken.slice(prefix.length), 'base64url').toString()) as UserInfo;
  },
};

export const tokenOf = (name: string, ...groups: string[]): string =>
  prefix + Buffer.from(JSON.stringify({ name, groups: [...groups, 'system:authenticated'] } satisfies UserInfo)).toString('base64url');

export const adminToken = tokenOf('root', 'system:masters');

export interface Asking {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A client certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** Ends an answer that goes on. */
  readonly until?: (bytes: Buffer) => boolean;
}

export interface Answered {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The text as JSON. */
  readonly body: Record<string, never> & { readonly message?: string };
}

const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });

export async function ask(port: number, method: string, path: string, { token, body, headers, cert, key, until }: Asking = {}): Promise<Answered> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: cert ? new Agent({ rejectUnauthorized: false, cert, key: key ?? '' }) : agent,
    headers: {
      ...(text !== undefined && {
        'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        'Content-Length': Buffer.byteLength(text),
      }),
      ...(token && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  sent.end(text);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let bytes = Buffer.alloc(0);
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, part]);
    if (until?.(bytes)) break;
  }
  const received = bytes.toString();
  return { code: answer.statusCode ?? 0, headers: answer.headers, bytes, text: received, body: parsed(received) };
}

/** Watches answer with many values, pages with none. */
function parsed(text: string): Answered['body'] {
  try {
    return JSON.parse(text);
  } catch {
    return {} as Answered['body'];
  }
}
