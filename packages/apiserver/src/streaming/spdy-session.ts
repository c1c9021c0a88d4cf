// Interactive sessions over SPDY/3.1, as kubectl up to 1.29 speaks it: one stream a channel.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, type Clock } from '@steersman/api';
import type { nodeV1 } from '@steersman/rpc';
import transport, { type SpdyConnection, type SpdyParser, type SpdyStream } from 'spdy-transport';
import { AsyncQueue } from './async-queue.js';
import type { SessionChannels, SessionOptions } from './session-channels.js';
import { pushResize } from './websocket-session.js';

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
const streamsWithinMs = 30_000;

/** Kubernetes' streams are no HTTP requests and have no method or path; the parser insists on both. */
const parser = Object.getPrototypeOf(transport.protocol.spdy.parser.create({})) as SpdyParser;
const { parseKVs } = parser;
parser.parseKVs = function withRequestLine(buffer, callback) {
  parseKVs.call(this, buffer, (error, headers) => callback(error, headers && { ':method': 'POST', ':path': '/', ...headers }));
};

export const isSpdy = (request: IncomingMessage): boolean => request.headers.upgrade?.toLowerCase() === 'spdy/3.1';

const offered = (request: IncomingMessage): string[] =>
  (request.headersDistinct['x-stream-protocol-version'] ?? []).flatMap((value) => value.split(',')).map((value) => value.trim());

/** Answers the upgrade and starts SPDY on the socket; `protocol` is what was agreed on. */
export function acceptSpdy(
  request: IncomingMessage,
  socket: Duplex,
  supported: readonly string[] = protocols,
): { connection: SpdyConnection; protocol: string } {
  const wanted = offered(request);
  const protocol = wanted.length === 0 ? '' : supported.find((one) => wanted.includes(one));
  if (protocol === undefined)
    throw badRequest(
      `unable to upgrade: unable to negotiate protocol: client supports [${wanted.join(' ')}], server accepts [${supported.join(' ')}]`,
    );
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${protocol ? `X-Stream-Protocol-Version: ${protocol}\r\n` : ''}\r\n`,
  );
  return { connection: startSpdy(socket), protocol };
}

export function startSpdy(socket: Duplex): SpdyConnection {
  const connection = transport.connection.create(socket, { protocol: 'spdy', isServer: true });
  connection.on('error', () => socket.destroy());
  connection.start(3.1);
  return connection;
}

/** Writes to a stream; resolves when more may come. */
export const writeTo = (stream: Duplex, data: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) {
      resolve();
      return;
    }
    if (stream.write(data)) resolve();
    else {
      stream.once('drain', resolve);
      stream.once('close', resolve);
    }
  });

/** A session over SPDY, once the client has opened every stream that it asked for. */
export async function spdyChannels(
  connection: SpdyConnection,
  options: SessionOptions,
  { socket, clock }: { socket: Duplex; clock: Clock },
): Promise<SessionChannels> {
  const expected = [
    'error',
    ...(options.stdin ? ['stdin'] : []),
    ...(options.stdout ? ['stdout'] : []),
    ...(options.stderr && !options.tty ? ['stderr'] : []),
  ];
  const streams = new Map<string, SpdyStream>();
  const input = new AsyncQueue<nodeV1.SessionInput>();
  await new Promise<void>((resolve, reject) => {
    const timer = clock.after(streamsWithinMs, () => reject(badRequest('timed out waiting for client to create streams')));
    socket.once('close', () => {
      input.end();
      resolve();
    });
    connection.on('stream', (stream) => {
      const type = stream.headers['streamtype'] ?? '';
      stream.on('error', () => {});
      stream.respond(200, {});
      streams.set(type, stream);
      if (type === 'resize') stream.on('data', (data: Buffer) => pushResize(input, data));
      if (type === 'stdin') {
        stream.on('data', (data: Buffer) => input.push({ input: { $case: 'stdin', value: data } }));
        stream.on('end', () => input.push({ input: { $case: 'stdinClosed', value: true } }));
      }
      if (expected.every((one) => streams.has(one))) {
        timer.cancel();
        resolve();
      }
    });
  });
  return {
    input,
    write: async (channel, data) => {
      const stream = streams.get(channel);
      if (stream) await writeTo(stream, data);
    },
    close: () => {
      for (const stream of streams.values()) stream.end();
      connection.end(() => socket.end());
    },
  };
}
