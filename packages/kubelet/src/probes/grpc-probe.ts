// gRPC probes: the standard health service.
// Mirrors https://github.com/grpc/grpc/blob/master/doc/health-checking.md
import { Client, status as code, credentials } from '@grpc/grpc-js';
import type { Clock } from '@steersman/api';

interface GrpcTarget {
  readonly host: string;
  readonly port: number;
  readonly service: string;
  readonly timeoutMs: number;
}

const serving = 1;
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** HealthCheckRequest { string service = 1 }. */
const encodeRequest = (service: string): Buffer => {
  const text = Buffer.from(service);
  return text.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, text.length]), text]);
};

/** HealthCheckResponse { ServingStatus status = 1 }. */
const decodeResponse = (message: Buffer): number => (message[0] === 0x08 ? (message[1] ?? 0) : 0);

/** Resolves where the service is serving; rejects with upstream's words. */
export async function grpcServes(clock: Clock, { host, port, service, timeoutMs }: GrpcTarget): Promise<void> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const client = new Client(address, credentials.createInsecure(), { 'grpc.initial_reconnect_backoff_ms': 100 });
  const seconds = timeoutMs / 1000;
  const deadline = new Date(clock.now() + timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(deadline, (error) =>
        error ? reject(new Error(`timeout: failed to connect service "${address}" within ${seconds}s: context deadline exceeded`)) : resolve(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', encodeRequest, decodeResponse, service, { deadline }, (error, status) => {
        if (!error) {
          if (status === serving) resolve();
          else reject(new Error(`service unhealthy (responded with "${statusNames[status ?? 0] ?? status}")`));
        } else if (error.code === code.UNIMPLEMENTED)
          reject(new Error(`this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.details}`));
        else if (error.code === code.DEADLINE_EXCEEDED) reject(new Error(`timeout: health rpc did not complete within ${seconds}s`));
        else reject(new Error(`health rpc probe failed: ${error.message}`));
      });
    });
  } finally {
    client.close();
  }
}
