// A TLS connection on which a test says byte by byte what it wants, well or badly.
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export interface Identity {
  readonly port: number;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export class RawConnection {
  received = '';
  readonly closed: Promise<void>;

  private constructor(readonly socket: TLSSocket) {
    socket.on('data', (data: Buffer) => {
      this.received = (this.received + data.toString('latin1')).slice(-100_000);
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async open({ port, cert, key }: Identity): Promise<RawConnection> {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...(cert && key && { cert, key }) });
    await once(socket, 'secureConnect');
    return new RawConnection(socket);
  }

  /** Says something; waits while the other end does not read. */
  async say(text: string | Buffer): Promise<void> {
    if (!this.socket.destroyed && !this.socket.write(text)) await Promise.race([once(this.socket, 'drain').catch(() => {}), this.closed]);
  }

  /** Resolves once what was received has the text in it. */
  async hears(text: string, timeoutMs = 10_000): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (!this.received.includes(text)) {
      if (performance.now() > until || (this.socket.destroyed && !this.received.includes(text)))
        throw new Error(`heard ${JSON.stringify(this.received.slice(-500))} instead of ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** How long it lives on, at most so long. */
  async lives(atMostMs: number): Promise<number> {
    const begin = performance.now();
    await Promise.race([this.closed, new Promise((resolve) => setTimeout(resolve, atMostMs))]);
    return performance.now() - begin;
  }

  end(): void {
    this.socket.destroy();
  }
}

export const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
