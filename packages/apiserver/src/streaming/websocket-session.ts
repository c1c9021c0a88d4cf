// Interactive sessions over WebSocket: the channel protocols of kubectl 1.30 and newer.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/ (v5.channel.k8s.io)
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { nodeV1 } from '@steersman/rpc';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { AsyncQueue } from './async-queue.js';
import type { SessionChannels } from './session-channels.js';

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const sessionProtocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
];
/** A port-forward of kubectl 1.31 and newer: SPDY inside one WebSocket. */
export const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io';

const maxBuffered = 1024 * 1024;

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: 32 * 1024 * 1024,
  handleProtocols: (offered) => [tunnelToken, ...sessionProtocols].find((protocol) => offered.has(protocol)) ?? false,
});

/** The tunnel protocol's name is no token as RFC 6455 wants it, so the handshake knows it by this one. */
const tunnelToken = 'spdy-tunnel';

server.on('headers', (headers) => {
  headers.forEach((header, index) => {
    if (header === `Sec-WebSocket-Protocol: ${tunnelToken}`) headers[index] = `Sec-WebSocket-Protocol: ${tunnelProtocol}`;
  });
});

/** Takes the connection over as a WebSocket. */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  const offered = request.headers['sec-websocket-protocol'];
  if (offered?.includes(tunnelProtocol)) request.headers['sec-websocket-protocol'] = offered.replace(tunnelProtocol, tunnelToken);
  return new Promise((resolve) => server.handleUpgrade(request, socket, head, resolve));
}

export const isTunnel = ({ protocol }: WebSocket): boolean => protocol === tunnelToken;

const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data));

/** A session over the WebSocket, in whichever channel protocol was agreed on. */
export function websocketChannels(socket: WebSocket, { stdin }: { stdin: boolean }): SessionChannels {
  const base64 = socket.protocol.includes('base64');
  const input = new AsyncQueue<nodeV1.SessionInput>();
  socket.on('message', (data) => {
    const raw = bytesOf(data);
    const channel = base64 ? raw[0]! - 48 : raw[0];
    const payload = base64 ? Buffer.from(raw.subarray(1).toString(), 'base64') : raw.subarray(1);
    if (channel === channels.stdin && stdin) input.push({ input: { $case: 'stdin', value: payload } });
    else if (channel === channels.resize) pushResize(input, payload);
    else if (channel === channels.close && payload[0] === channels.stdin) input.push({ input: { $case: 'stdinClosed', value: true } });
  });
  socket.on('close', () => input.end());
  socket.on('error', () => input.end());
  return {
    input,
    write: (channel, data) =>
      new Promise((resolve) => {
        if (socket.readyState !== socket.OPEN) {
          resolve();
          return;
        }
        const number = channels[channel];
        const message = base64 ? Buffer.from(String(number) + Buffer.from(data).toString('base64')) : Buffer.concat([Buffer.from([number]), data]);
        socket.send(message, { binary: !base64 }, () => {
          if (socket.bufferedAmount < maxBuffered) resolve();
        });
        if (socket.bufferedAmount < maxBuffered) resolve();
      }),
    close: () => socket.close(1000),
  };
}

/** A terminal size as the client sends it: {"Width":80,"Height":24}. */
export function pushResize(input: AsyncQueue<nodeV1.SessionInput>, payload: Buffer): void {
  try {
    const { Width = 0, Height = 0 } = JSON.parse(payload.toString()) as { Width?: number; Height?: number };
    input.push({ input: { $case: 'resize', value: { width: Width, height: Height } } });
  } catch {
    // A size that is no JSON changes nothing.
  }
}
