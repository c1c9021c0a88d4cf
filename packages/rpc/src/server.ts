// A gRPC server with the one lifecycle: serves until its signal aborts, then lets calls in flight finish for a moment.
import {
  ChannelCredentials,
  Server,
  ServerCredentials,
  type ServerOptions,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Clock } from '@steersman/api';

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** PEM-encoded identity and trust of one end of an mTLS connection. */
export interface TlsIdentity {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Messages carry whole objects: upstream's limit for a request is 3 MiB, lists are chunked. */
const maxMessageBytes = 16 * 1024 * 1024;

export const channelOptions = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
} satisfies ServerOptions;

/** Demands and verifies a client certificate. */
export const serverCredentials = ({ ca, cert, key }: TlsIdentity): ServerCredentials =>
  ServerCredentials.createSsl(Buffer.from(ca), [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }], true);

export const clientCredentials = ({ ca, cert, key }: TlsIdentity): ChannelCredentials =>
  ChannelCredentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert));

export interface GrpcServerOptions {
  /** host:port, or unix:/path for a socket that only this machine reaches. */
  readonly address: string;
  readonly credentials: ServerCredentials;
  readonly services: readonly GrpcService[];
  readonly clock: Clock;
  /** How long calls in flight may take to finish once the signal aborts. */
  readonly drainMs?: number;
}

/** Serves gRPC. `ready` gives the bound port (0 for a socket) once it listens. */
export class GrpcServer {
  readonly name = 'grpc server';
  readonly ready: Promise<number>;
  private resolveReady!: (port: number) => void;

  constructor(private readonly options: GrpcServerOptions) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { address, credentials, services, clock, drainMs = 2000 } = this.options;
    const server = new Server(channelOptions);
    for (const { definition, implementation } of services) server.addService(definition, implementation);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(address, credentials, (error, bound) =>
        error ? reject(new Error(`listening on ${address}`, { cause: error })) : resolve(bound),
      ),
    );
    this.resolveReady(port);
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await new Promise<void>((resolve) => {
      const timer = clock.after(drainMs, () => {
        server.forceShutdown();
        resolve();
      });
      server.tryShutdown(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
