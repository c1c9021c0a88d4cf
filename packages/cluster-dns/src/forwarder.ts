// Passes questions about other zones on to the machine's own name servers.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Clock } from '@steersman/api';

const timeoutMs = 2000;

/** The name servers of a resolv.conf, without loopback ones that would be ourselves. */
export function nameServers(file = '/etc/resolv.conf'): string[] {
  try {
    return [...readFileSync(file, 'utf8').matchAll(/^\s*nameserver\s+(\S+)/gm)]
      .map(([, address]) => address!)
      .filter((address) => !address.includes(':'));
  } catch {
    return [];
  }
}

/** Asks each server in turn; undefined where none answers in time. */
export async function forward(
  query: Buffer,
  servers: readonly string[],
  { clock, tcp }: { clock: Clock; tcp: boolean },
): Promise<Buffer | undefined> {
  for (const server of servers) {
    const reply = await (tcp ? askTcp(query, server, clock) : askUdp(query, server, clock));
    if (reply) return reply;
  }
  return undefined;
}

function askUdp(query: Buffer, server: string, clock: Clock): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (reply?: Buffer): void => {
      timer.cancel();
      socket.close();
      resolve(reply);
    };
    const timer = clock.after(timeoutMs, () => finish());
    socket.once('error', () => finish());
    socket.on('message', (reply) => {
      if (reply.length > 2 && reply.readUInt16BE(0) === query.readUInt16BE(0)) finish(reply);
    });
    socket.send(query, 53, server);
  });
}

function askTcp(query: Buffer, server: string, clock: Clock): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(53, server);
    const timer = clock.after(timeoutMs, () => finish());
    let received = Buffer.alloc(0);
    const finish = (reply?: Buffer): void => {
      timer.cancel();
      socket.destroy();
      resolve(reply);
    };
    socket.on('error', () => finish());
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) finish(received.subarray(2, 2 + received.readUInt16BE(0)));
    });
  });
}
