// Port-forwarding over the channels of a WebSocket, as client libraries do it: two channels a port, the first for data, the second
// for what went wrong. Both begin with the number of the port.
import { badRequest } from '@steersman/api';
import type { WebSocket } from 'ws';
import { carry, inputTo, type PortForwardTarget } from './port-forward.js';
import { onChannelMessage, sendOnChannel } from './websocket-session.js';

/** The ports that the query names, each by itself or several with commas. */
export function forwardedPorts(query: URLSearchParams): number[] {
  const texts = query.getAll('ports');
  if (texts.length === 0) throw badRequest('query parameter "port" is required');
  return texts.flatMap((text) => text.split(',').map(portOf));
}

function portOf(text: string): number {
  if (text === '') throw badRequest('query parameter "port" cannot be empty');
  const quoted = JSON.stringify(text);
  if (!/^\d+$/.test(text)) throw badRequest(`unable to parse ${quoted} as a port: strconv.ParseUint: parsing ${quoted}: invalid syntax`);
  const port = Number(text);
  if (port > 65535) throw badRequest(`unable to parse ${quoted} as a port: strconv.ParseUint: parsing ${quoted}: value out of range`);
  if (port < 1) throw badRequest(`port ${quoted} must be > 0`);
  return port;
}

/** Serves the connection until all its ports are done with, or it closes. */
export async function serveChannels(
  socket: WebSocket,
  ports: readonly number[],
  { target, signal }: { target: PortForwardTarget; signal: AbortSignal },
): Promise<void> {
  const gone = new AbortController();
  const inputs = ports.map((port) => inputTo(target, port));
  socket.on('close', () => gone.abort());
  socket.on('error', () => gone.abort());
  onChannelMessage(socket, (channel, value) => {
    if (channel % 2 === 0) inputs[channel / 2]?.push({ input: { $case: 'data', value } });
  });
  await Promise.all(
    ports.map(async (port, index) => {
      const number = Buffer.alloc(2);
      number.writeUInt16LE(port);
      for (const channel of [index * 2, index * 2 + 1]) await sendOnChannel(socket, channel, number);
      await carry(target, port, {
        input: inputs[index]!,
        signal: AbortSignal.any([signal, gone.signal]),
        write: (bytes) => sendOnChannel(socket, index * 2, bytes),
        fail: (text) => sendOnChannel(socket, index * 2 + 1, Buffer.from(text)),
      });
    }),
  );
  socket.close(1000);
}
