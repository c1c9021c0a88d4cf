// Port-forwarding: pairs of SPDY streams, one pair a connection, each carried to a port of the pod.
import type { Duplex } from 'node:stream';
import type { NodeApi, nodeV1 } from '@steersman/rpc';
import type { SpdyConnection, SpdyStream } from 'spdy-transport';
import { AsyncQueue } from './async-queue.js';
import { writeTo } from './spdy-session.js';

export const portForwardProtocols = ['portforward.k8s.io'];

export interface PortForwardTarget {
  readonly node: NodeApi;
  readonly namespace: string;
  readonly pod: string;
}

interface Pair {
  data?: SpdyStream;
  error?: SpdyStream;
}

/** Serves the connection until it closes. */
export function servePortForward(
  connection: SpdyConnection,
  { socket, target, signal }: { socket: Duplex; target: PortForwardTarget; signal: AbortSignal },
): Promise<void> {
  const pairs = new Map<string, Pair>();
  connection.on('stream', (stream) => {
    const { streamtype = '', port = '', requestid = '0' } = stream.headers;
    stream.on('error', () => {});
    stream.respond(200, {});
    const pair = pairs.get(requestid) ?? {};
    pairs.set(requestid, pair);
    if (streamtype === 'error') pair.error = stream;
    else pair.data = stream;
    if (!pair.data || !pair.error) return;
    pairs.delete(requestid);
    void forward(target, { data: pair.data, error: pair.error, port: Number(port), signal });
  });
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
  });
}

async function forward(
  target: PortForwardTarget,
  { data, error, port, signal }: { data: SpdyStream; error: SpdyStream; port: number; signal: AbortSignal },
): Promise<void> {
  const input = inputTo(target, port);
  const ended = new AbortController();
  data.on('data', (chunk: Buffer) => input.push({ input: { $case: 'data', value: chunk } }));
  data.on('end', () => input.end());
  data.on('close', () => ended.abort());
  await carry(target, port, {
    input,
    signal: AbortSignal.any([signal, ended.signal]),
    write: (bytes) => writeTo(data, bytes),
    fail: (text) => writeTo(error, Buffer.from(text)),
  });
  data.end();
  error.end();
}

/** What is said to a port, from its start. */
export function inputTo({ namespace, pod }: PortForwardTarget, port: number): AsyncQueue<nodeV1.PortForwardInput> {
  const input = new AsyncQueue<nodeV1.PortForwardInput>();
  input.push({ input: { $case: 'start', value: { namespace, pod, port } } });
  return input;
}

/** The client's ends of a connection to a port. */
export interface PortEnds {
  /** What the client says, which begins as `inputTo` makes it. */
  readonly input: AsyncQueue<nodeV1.PortForwardInput>;
  readonly signal: AbortSignal;
  write(data: Uint8Array): Promise<void>;
  fail(text: string): Promise<void>;
}

/** Carries bytes to a port of the pod and back, until either side ends. */
export async function carry({ node, pod }: PortForwardTarget, port: number, { input, signal, write, fail }: PortEnds): Promise<void> {
  try {
    for await (const { output } of node.portForward(input, signal)) {
      if (output?.$case === 'data') await write(output.value);
      else if (output?.$case === 'error') await fail(output.value);
    }
  } catch (cause) {
    await fail(`error forwarding port ${port} to pod ${pod}, uid : ${(cause as Error).message}`);
  } finally {
    input.end();
  }
}
