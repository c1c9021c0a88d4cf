// A TLS connection on which anything can be said, byte by byte, and what comes back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';

export interface Credentials {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The administrator of a cluster, by the files of its data directory. */
export const adminOf = (dataDir: string): Credentials => ({
  ca: readFileSync(join(dataDir, 'pki/ca.crt')),
  cert: readFileSync(join(dataDir, 'pki/admin.crt')),
  key: readFileSync(join(dataDir, 'pki/admin.key')),
});

/** How much of the end of what came back is looked at. */
const lookBack = 64 * 1024;

export class RawConnection {
  received = '';
  ended = false;
  private wake: () => void = () => {};

  private constructor(readonly socket: TLSSocket) {
    socket.on('data', (data: Buffer) => {
      this.received += data.toString('latin1');
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
  }

  static open(port: number, credentials: Credentials): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ...credentials }, () => resolve(new RawConnection(socket)));
      socket.once('error', reject);
    });
  }

  say(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until the end of what came back matches, or the connection ends; gives all of it. */
  async until(expected: RegExp): Promise<string> {
    while (!expected.test(this.received.slice(-lookBack)) && !this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.received;
  }

  /** All that comes back until the other side closes. */
  async toEnd(): Promise<string> {
    while (!this.ended) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }
}
