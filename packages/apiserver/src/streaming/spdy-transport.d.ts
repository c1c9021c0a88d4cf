// The part of spdy-transport that the streaming endpoints use; the package has no types of its own.
declare module 'spdy-transport' {
  import type { Duplex } from 'node:stream';

  export interface SpdyStream extends Duplex {
    readonly headers: Readonly<Record<string, string | undefined>>;
    respond(status: number, headers: Record<string, string>): void;
    abort(code?: string): void;
  }

  export interface SpdyConnection {
    start(version: number): void;
    on(event: 'stream', listener: (stream: SpdyStream) => void): void;
    on(event: 'error' | 'close', listener: (error?: Error) => void): void;
    end(callback?: () => void): void;
    destroyStreams(error?: Error): void;
  }

  type Headers = Record<string, string>;

  export interface SpdyParser {
    parseKVs(this: SpdyParser, buffer: unknown, callback: (error: Error | null, headers?: Headers) => void): void;
  }

  const transport: {
    readonly protocol: { readonly spdy: { readonly parser: { create(options: object): SpdyParser } } };
    readonly connection: { create(socket: Duplex, options: { protocol: 'spdy'; isServer: boolean }): SpdyConnection };
  };
  export default transport;
}
