// `steersman up`: starts a whole cluster in this process and tells how far it is.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Clock, type Logger, type Random, serviceUnavailable, systemClock, systemRandom } from '@steersman/api';
import { ApiServer } from '@steersman/apiserver';
import { kubeconfigText } from '@steersman/client';
import { anySignal, createLogger, runAll, UsageError } from '@steersman/component-base';
import { hostAddresses } from '@steersman/kubelet';
import type { NodeApi } from '@steersman/rpc';
import { createStore } from '@steersman/storage';
import { securityOptions } from '../security/security-flags.js';
import type { ClusterOptions } from './cluster-options.js';
import { controlPlaneOf } from './components.js';
import { nodesOf } from './nodes.js';
import { ensurePki, frontProxyName, type Pki, servingHosts } from './pki.js';
import { Progress } from './progress.js';
import { checkRoom } from './room.js';
import { removeRunFile, runningCluster, writeRunFile } from './run-file.js';
import { chooseRuntime } from './runtime-choice.js';
import { timeSocket, VirtualTime } from './virtual-time.js';

const serviceAddress = '10.96.0.1';
const stageMs = 30_000;
/** Pods reach the API under the machine's address, so with real pods it listens there too. */
const anyAddress = '0.0.0.0';
const loopback = '127.0.0.1';
/** Nodes may be asked to join, as in a cluster that kubeadm made. */
const securedByDefault = { 'enable-bootstrap-token-auth': 'true' };

type BoundOptions = ClusterOptions & { readonly bind: string };

interface UpTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Runs the cluster until the signal aborts. */
export async function up(asked: ClusterOptions, signal: AbortSignal): Promise<void> {
  const startedMs = systemClock.monotonic();
  const time = asked.virtualTime ? new VirtualTime(timeSocket(asked.dataDir), systemClock) : undefined;
  const tools: UpTools = { clock: time?.clock ?? systemClock, random: systemRandom, logger: createLogger({ level: asked.logLevel }) };
  const other = runningCluster(asked.dataDir);
  if (other)
    throw new UsageError(
      `${asked.dataDir} is in use by a running cluster (process ${other.pid}): stop it with steersman down, or choose another --data-dir`,
    );
  checkRoom(asked);
  const { runtime, because } = await chooseRuntime(asked);
  if (asked.runtime === undefined) process.stderr.write(`  runtime ${runtime}: ${because}\n`);
  const options = { ...asked, bind: asked.bind ?? (runtime === 'docker' ? anyAddress : loopback) };
  const progress = new Progress(systemClock);
  const pki = await progress.stage('certificates', stageMs, () =>
    ensurePki(join(options.dataDir, 'pki'), { hosts: servingHosts({ bind: options.bind, serviceAddress }), tools }),
  );
  const nodeApis = new Map<string, NodeApi>();
  const server = await createServer(options, pki, { ...tools, nodeApis });
  const failed = new AbortController();
  const stop = anySignal(signal, failed.signal);
  const components = { options, server, pki, nodeApis, ...tools };
  const nodes = nodesOf(components, runtime);
  const running = runAll(stop, [...(time ? [time] : []), server, ...controlPlaneOf(components), ...nodes]);
  running.catch(() => failed.abort());
  try {
    await progress.stage('API server', stageMs, () => Promise.race([server.ready, running]));
    if (nodes.length)
      await progress.stage(nodes.length === 1 ? 'node' : `${nodes.length} nodes`, stageMs, () =>
        Promise.race([Promise.all(nodes.map(({ ready }) => ready)), running]),
      );
    if (!stop.aborted) announce({ ...options, runtime }, pki, systemClock.monotonic() - startedMs);
  } catch (error) {
    failed.abort();
    await running.catch(() => {});
    throw error;
  }
  await running.finally(() => removeRunFile(options.dataDir));
}

async function createServer(
  options: BoundOptions,
  pki: Pki,
  { nodeApis, ...tools }: UpTools & { nodeApis: ReadonlyMap<string, NodeApi> },
): Promise<ApiServer> {
  const security = securityOptions({ ...securedByDefault, ...options.security }, tools);
  const store = await createStore({
    kind: options.store,
    clock: tools.clock,
    dataDir: join(options.dataDir, 'store'),
    endpoints: options.etcdEndpoints,
  });
  return new ApiServer({
    ...tools,
    ...security,
    store,
    https: { host: options.bind, port: options.httpsPort, ...pki.apiServer, clientCa: pki.ca.cert, advertiseAddress: hostAddresses()[0] ?? loopback },
    serviceAccountKey: pki.serviceAccountKey,
    proxyClient: pki.frontProxyClient,
    requestHeader: { ca: pki.frontProxyCa.cert, allowedNames: [frontProxyName] },
    connectNode: ({ metadata }) => {
      const node = nodeApis.get(metadata.name ?? '');
      if (!node) throw serviceUnavailable(`no kubelet of the node ${metadata.name} is connected`);
      return node;
    },
  });
}

function announce(options: BoundOptions, pki: Pki, tookMs: number): void {
  const address = options.bind === anyAddress ? loopback : options.bind;
  const url = `https://${address}:${options.httpsPort}`;
  mkdirSync(dirname(options.kubeconfig), { recursive: true });
  writeFileSync(options.kubeconfig, kubeconfigText({ server: url, ca: pki.ca.cert, ...pki.admin }), { mode: 0o600 });
  writeRunFile(options.dataDir, { server: url, kubeconfig: options.kubeconfig, runtime: options.runtime ?? '' });
  process.stdout.write(`ready in ${Math.round(tookMs)} ms: ${url}, KUBECONFIG=${options.kubeconfig}\n`);
}
