// What the process of a single component has in common with the others: flags, a client over gRPC or REST, health, signals.
import { readFileSync } from 'node:fs';
import { type Clock, type Logger, type Random, systemClock, systemRandom } from '@steersman/api';
import { Client, GrpcTransport, RestTransport, readKubeconfig } from '@steersman/client';
import {
  type CommandDescription,
  createLogger,
  createMetrics,
  type Flag,
  HealthServer,
  helpText,
  type LogLevel,
  parseFlags,
  processSignal,
  type Registry,
  type Runnable,
  runAll,
  UsageError,
} from '@steersman/component-base';
import type { TlsIdentity } from '@steersman/rpc';
import { explain } from '../up/explain.js';

/** Flags that every component has. */
export const commonFlags = {
  kubeconfig: { description: 'how to reach the API server and as whom' },
  'api-grpc': { description: "host:port of the API server's gRPC service; without it the API is spoken to over REST" },
  'health-port': { description: 'port of /healthz, /readyz and /metrics on loopback', default: '0' },
  'log-level': { description: 'debug, info, warn or error', default: 'info' },
} satisfies Record<string, Flag>;

export type Flags = Readonly<Record<string, string | undefined>>;

export interface ComponentTools {
  readonly flags: Flags;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Registry;
}

/** A flag that must be there. */
export function need(flags: Flags, name: string): string {
  const value = flags[name];
  if (value === undefined) throw new UsageError(`--${name} is required`);
  return value;
}

/** The credentials of a kubeconfig as an mTLS identity; it must hold a client certificate. */
export function identityOf(kubeconfig: string): TlsIdentity {
  const { ca, cert, key } = readKubeconfig(kubeconfig);
  if (!ca || !cert || !key) throw new UsageError(`${kubeconfig} has no client certificate: gRPC wants one`);
  return { ca, cert, key };
}

export const pem = (file: string): string => readFileSync(file, 'utf8');

/** The API as the kubeconfig's user, over gRPC where an address is given; `program` is who calls. */
export function connect(flags: Flags, program: string): Client {
  const kubeconfig = need(flags, 'kubeconfig');
  const address = flags['api-grpc'];
  return new Client(
    address ? new GrpcTransport(address, identityOf(kubeconfig), program) : new RestTransport({ ...readKubeconfig(kubeconfig), program }),
  );
}

/** Parses the command line, runs the component until a signal, and exits: with 1 and one clear line where it failed. */
export async function runProcess(
  description: CommandDescription<Record<string, Flag>>,
  make: (tools: Omit<ComponentTools, 'client'>) => Promise<readonly Runnable[]>,
): Promise<never> {
  try {
    const whole = {
      ...description,
      flags: { ...description.flags, 'health-port': commonFlags['health-port'], 'log-level': commonFlags['log-level'] },
    };
    const { help, ...flags } = parseFlags(whole, process.argv.slice(2));
    if (help) {
      process.stdout.write(helpText(whole));
      process.exit(0);
    }
    const metrics = createMetrics({ process: true });
    const logger = createLogger({ level: flags['log-level'] as LogLevel });
    const tools = { flags: flags as Flags, clock: systemClock, random: systemRandom, logger, metrics };
    const health =
      Number(flags['health-port']) > 0
        ? [new HealthServer({ port: Number(flags['health-port']), checks: [{ name: 'ping', check() {} }], metrics })]
        : [];
    await runAll(processSignal(), [...health, ...(await make(tools))]);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${description.command}: ${error instanceof UsageError ? error.message : explain(error)}\n`);
    process.exit(1);
  }
}
