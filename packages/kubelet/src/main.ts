#!/usr/bin/env node
// `steersman-kubelet`: one kubelet in a process of its own.
import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock, systemRandom } from '@steersman/api';
import { Client, GrpcTransport, RestTransport, readKubeconfig } from '@steersman/client';
import {
  createLogger,
  createMetrics,
  HealthServer,
  helpText,
  type LogLevel,
  parseFlags,
  processSignal,
  runAll,
  UsageError,
} from '@steersman/component-base';
import { clientCredentials, connectNetwork, GrpcServer, grpcCredentials, nodeService, serverCredentials } from '@steersman/rpc';
import { Kubelet } from './kubelet.js';
import { kubeletCommand } from './kubelet-command.js';
import { hollowMachine } from './node/hollow-machine.js';
import { readMachine } from './node/machine.js';
import { DockerRuntime } from './runtime/docker/docker-runtime.js';
import { HollowRuntime } from './runtime/hollow/hollow-runtime.js';

try {
  const flags = parseFlags(kubeletCommand, process.argv.slice(2));
  if (flags.help) {
    process.stdout.write(helpText(kubeletCommand));
    process.exit(0);
  }
  const tools = { clock: systemClock, random: systemRandom, logger: createLogger({ level: (flags['log-level'] ?? 'info') as LogLevel }) };
  const nodeName = (flags['node-name'] ?? hostname()).toLowerCase();
  const dataDir = flags['root-dir'] ?? '/var/lib/steersman/kubelet';
  mkdirSync(dataDir, { recursive: true });
  const config = readKubeconfig(flags.kubeconfig ?? '');
  const { ca, cert, key } = config;
  const grpc = flags['api-grpc'];
  if (grpc && !(ca && cert && key)) throw new UsageError(`${flags.kubeconfig} has no client certificate: gRPC wants one`);
  const client = new Client(
    grpc && ca && cert && key ? new GrpcTransport(grpc, { ca, cert, key }, 'kubelet') : new RestTransport({ ...config, program: 'kubelet' }),
  );
  const files = { ca: flags['client-ca-file'], cert: flags['tls-cert-file'], key: flags['tls-private-key-file'] };
  const identity =
    files.ca && files.cert && files.key
      ? { ca: readFileSync(files.ca, 'utf8'), cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') }
      : undefined;
  const address = flags['network-address'];
  const network = address
    ? connectNetwork(address, identity && !address.startsWith('unix:') ? clientCredentials(identity) : grpcCredentials.createInsecure())
    : undefined;
  const hollow = flags.runtime === 'hollow' ? new HollowRuntime(tools) : undefined;
  const runtime =
    hollow ??
    new DockerRuntime({
      ...tools,
      clusterId: flags['cluster-id'] ?? dataDir,
      nodeName,
      sandboxNetwork: network ? 'none' : 'bridge',
      ...(flags['docker-socket'] && { socketPath: flags['docker-socket'] }),
    });
  const port = Number(flags.port);
  const kubelet = new Kubelet({
    ...tools,
    client,
    nodeName,
    runtime,
    dataDir,
    port,
    machine: hollow ? hollowMachine({ address: flags['node-ip'] ?? '127.0.0.1' }) : await readMachine(dataDir, flags['node-ip']),
    clusterDns: (flags['cluster-dns'] ?? '').split(',').filter(Boolean),
    ...(flags['cluster-domain'] && { clusterDomain: flags['cluster-domain'] }),
    ...(network && { network }),
    ...(hollow && { onPodCidr: (cidr: string) => hollow.setPodCidr(cidr) }),
  });
  const allowed = new Set((flags['api-server-names'] ?? '').split(','));
  const authorize = (peer: string): void => {
    if (!allowed.has(peer)) throw new Error(`${peer} may not call this kubelet`);
  };
  const server =
    identity &&
    new GrpcServer({
      clock: systemClock,
      address: `${flags.address}:${port}`,
      credentials: serverCredentials(identity),
      services: [nodeService(kubelet.nodeApi, authorize)],
    });
  const health = new HealthServer({
    port: Number(flags['healthz-port']),
    checks: [{ name: 'ping', check: async () => {} }],
    metrics: createMetrics({ process: true }),
  });
  await runAll(processSignal(), [health, kubelet, ...(server ? [server] : [])]);
  process.exit(0);
} catch (error) {
  process.stderr.write(`steersman-kubelet: ${error instanceof UsageError ? error.message : ((error as Error).stack ?? String(error))}\n`);
  process.exit(1);
}
