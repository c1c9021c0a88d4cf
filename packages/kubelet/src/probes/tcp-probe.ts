// TCP probes: whether a port accepts a connection.
import { connect } from 'node:net';
import type { Clock } from '@steersman/api';
import { dialError } from '@steersman/component-base';

/** Resolves once connected; rejects in the words of Go's net.Dial. */
export function tcpConnects(clock: Clock, { host, port, timeoutMs }: { host: string; port: number; timeoutMs: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = clock.after(timeoutMs, () => {
      socket.destroy();
      reject(new Error(`dial tcp ${host}:${port}: i/o timeout`));
    });
    socket.once('connect', () => {
      timer.cancel();
      socket.destroy();
      resolve();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      timer.cancel();
      reject(new Error(dialError(error, host, port)));
    });
  });
}
