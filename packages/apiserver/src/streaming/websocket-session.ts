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

/** The tunnel protocol's name is no token as RFC 6455 wants it, so the handshake knows it by this one. */
const tunnelToken = 'spdy-tunnel';

const serverOf = (...protocols: readonly string[]): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 32 * 1024 * 1024,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  });

const sessions = serverOf(...sessionProtocols);
const forwards = serverOf(tunnelToken, 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io');

forwards.on('headers', (headers) => {
  headers.forEach((header, index) => {
    if (header === `Sec-WebSocket-Protocol: ${tunnelToken}`) headers[index] = `Sec-WebSocket-Protocol: ${tunnelProtocol}`;
  });
});

/** Takes the connection over as a WebSocket for a session. */
export const acceptWebSocket = (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> =>
  new Promise((resolve) => sessions.handleUpgrade(request, socket, head, resolve));

/** Takes the connection over as a WebSocket for a port-forward: a tunnel, or channels. */
export function acceptForward(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  const offered = request.headers['sec-websocket-protocol'];
  if (offered?.includes(tunnelProtocol)) request.headers['sec-websocket-protocol'] = offered.replace(tunnelProtocol, tunnelToken);
  return new Promise((resolve) => forwards.handleUpgrade(request, socket, head, resolve));
}

export const isTunnel = ({ protocol }: WebSocket): boolean => protocol === tunnelToken;

const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data));

/** What came over which channel. */
export function onChannelMessage(socket: WebSocket, take: (channel: number, payload: Buffer) => void): void {
  const base64 = socket.protocol.includes('base64');
  socket.on('message', (data) => {
    const raw = bytesOf(data);
    if (raw.length > 0) take(base64 ? raw[0]! - 48 : raw[0]!, base64 ? Buffer.from(raw.subarray(1).toString(), 'base64') : raw.subarray(1));
  });
}

/** Sends over a channel; resolves when there is room for more. */
export function sendOnChannel(socket: WebSocket, channel: number, data: Uint8Array): Promise<void> {
  const base64 = socket.protocol.includes('base64');
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) {
      resolve();
      return;
    }
    const message = base64 ? Buffer.from(String(channel) + Buffer.from(data).toString('base64')) : Buffer.concat([Buffer.from([channel]), data]);
    socket.send(message, { binary: !base64 }, () => resolve());
    if (socket.bufferedAmount < maxBuffered) resolve();
  });
}

/** A session over the WebSocket, in whichever channel protocol was agreed on. */
export function websocketChannels(socket: WebSocket, { stdin }: { stdin: boolean }): SessionChannels {
  const input = new AsyncQueue<nodeV1.SessionInput>();
  onChannelMessage(socket, (channel, payload) => {
    if (channel === channels.stdin && stdin) input.push({ input: { $case: 'stdin', value: payload } });
    else if (channel === channels.resize) pushResize(input, payload);
    else if (channel === channels.close && payload[0] === channels.stdin) input.push({ input: { $case: 'stdinClosed', value: true } });
  });
  socket.on('close', () => input.end());
  socket.on('error', () => input.end());
  return {
    input,
    write: (channel, data) => sendOnChannel(socket, channels[channel], data),
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
