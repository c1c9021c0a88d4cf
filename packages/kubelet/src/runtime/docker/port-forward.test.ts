import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { forwardPort } from './port-forward.js';

// Joining a network, even one's own, wants root.
const mayJoin = process.platform === 'linux' && process.getuid?.() === 0;
const ours = '/proc/self/ns/net';
const server = createServer({ allowHalfOpen: true });

afterEach(() => void server.close());

const listen = async (serve: (socket: Socket) => void): Promise<number> => {
  server.removeAllListeners('connection').on('connection', serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

it.skipIf(!mayJoin)('ends when the port does, though nothing more is said to it', async () => {
  const port = await listen((socket) => socket.once('data', (data) => socket.end(`heard ${data}`)));
  const connection = forwardPort(ours, port);
  connection.write(Buffer.from('hello'));
  expect(await text(connection.input)).toBe('heard hello');
});

it.skipIf(!mayJoin)('hears the rest after its own end', async () => {
  const port = await listen((socket) => {
    let all = '';
    socket.on('data', (data) => (all += data.toString()));
    socket.on('end', () => socket.end(`all of ${all}`));
  });
  const connection = forwardPort(ours, port);
  connection.write(Buffer.from('it'));
  connection.end();
  expect(await text(connection.input)).toBe('all of it');
});
