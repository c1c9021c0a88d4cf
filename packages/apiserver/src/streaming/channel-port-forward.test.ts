import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeApi, nodeV1 } from '@steersman/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { forwardedPorts, serveChannels } from './channel-port-forward.js';
import { acceptForward } from './websocket-session.js';

/** Says back what it hears, with the port; nothing listens on port 9. */
async function* echo(inputs: AsyncIterable<nodeV1.PortForwardInput>): AsyncGenerator<nodeV1.PortForwardOutput> {
  let port = 0;
  for await (const { input } of inputs) {
    if (input?.$case === 'start') port = input.value.port;
    if (input?.$case === 'data' && Buffer.from(input.value).toString() === 'bye') return;
    if (port === 9) throw new Error('connection refused');
    if (input?.$case === 'data') yield { output: { $case: 'data', value: Buffer.from(`${port}: ${Buffer.from(input.value)}`) } };
  }
}

describe('port-forwarding over channels', () => {
  const stop = new AbortController();
  const target = { node: { portForward: echo } as unknown as NodeApi, namespace: 'default', pod: 'web' };
  let server: Server;

  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1');
    server.on('upgrade', async (request, socket, head) => {
      const ports = forwardedPorts(new URL(request.url ?? '', 'http://a').searchParams);
      await serveChannels(await acceptForward(request, socket, head), ports, { target, signal: stop.signal });
    });
    await once(server, 'listening');
  });
  afterAll(() => {
    stop.abort();
    server.closeAllConnections();
    server.close();
  });

  const open = async (ports: string, protocols: string[]): Promise<{ socket: WebSocket; next: () => Promise<Buffer> }> => {
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/?ports=${ports}`, protocols);
    const messages: Buffer[] = [];
    let wake = (): void => {};
    socket.on('message', (data: Buffer) => {
      messages.push(data);
      wake();
    });
    await once(socket, 'open');
    const next = async (): Promise<Buffer> => {
      while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return messages.shift()!;
    };
    return { socket, next };
  };

  it('begins both channels of a port with its number, and carries data', async () => {
    const { socket, next } = await open('8080', ['v5.channel.k8s.io', 'v4.channel.k8s.io']);
    expect(socket.protocol).toBe('v4.channel.k8s.io');
    expect([...(await next())]).toEqual([0, 0x90, 0x1f]);
    expect([...(await next())]).toEqual([1, 0x90, 0x1f]);
    socket.send(Buffer.from('\0hello'));
    expect((await next()).toString()).toBe('\x008080: hello');
    socket.close();
  });

  it('closes when the port does', async () => {
    const { socket, next } = await open('80', ['v4.channel.k8s.io']);
    await next();
    await next();
    socket.send(Buffer.from('\0bye'));
    expect(await once(socket, 'close')).toEqual([1000, Buffer.alloc(0)]);
  });

  it('speaks base64, and tells of each port what went wrong', async () => {
    const { next } = await open('9', ['v4.base64.channel.k8s.io']);
    await next();
    await next();
    const failed = (await next()).toString();
    expect(failed[0]).toBe('1');
    expect(Buffer.from(failed.slice(1), 'base64').toString()).toBe('error forwarding port 9 to pod web, uid : connection refused');
  });

  it('tells several ports apart', async () => {
    const { socket, next } = await open('80,81', []);
    for (let number = 0; number < 4; number++) await next();
    socket.send(Buffer.from('\x02second'));
    expect((await next()).toString()).toBe('\x0281: second');
    socket.close();
  });
});

it.each([
  ['', 'query parameter "port" is required'],
  ['ports=', 'query parameter "port" cannot be empty'],
  ['ports=a', 'unable to parse "a" as a port: strconv.ParseUint: parsing "a": invalid syntax'],
  ['ports=70000', 'unable to parse "70000" as a port: strconv.ParseUint: parsing "70000": value out of range'],
  ['ports=0', 'port "0" must be > 0'],
])('refuses ports by %j', (query, message) => {
  expect(() => forwardedPorts(new URLSearchParams(query))).toThrow(message);
});
