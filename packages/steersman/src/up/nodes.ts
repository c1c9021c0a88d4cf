// The nodes of the all-in-one process: a kubelet for each, on Docker with a pod network, or hollow.
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@steersman/client';
import { aborted, type Runnable, runAll } from '@steersman/component-base';
import { HollowRuntime, hollowMachine, hostAddresses, Kubelet, type KubeletOptions, readMachine } from '@steersman/kubelet';
import { Overlay } from '@steersman/overlay';
import type { RuntimeKind } from './cluster-options.js';
import { type ComponentTools, clientFor, componentUser } from './components.js';
import { NodeNetwork } from './node-network.js';
import { dockerSocket } from './runtime-choice.js';

/** A node of this process: `ready` once it is registered and can run pods. */
export interface LocalNode extends Runnable {
  readonly ready: Promise<void>;
}

export const clusterCidr = '10.244.0.0/16';
export const clusterDnsAddress = '10.96.0.10';

/** The first node has the machine's name, further ones a number behind it. */
const nodeNameOf = (index: number): string => (index === 0 ? hostname().toLowerCase() : `${hostname().toLowerCase()}-${index + 1}`);

const nodeUser = (name: string): ReturnType<typeof componentUser> => componentUser(`system:node:${name}`, 'system:nodes');

/** Tells the containers of clusters on one machine apart. */
export const clusterIdOf = (dataDir: string): string => createHash('sha256').update(dataDir).digest('hex').slice(0, 12);

export function nodesOf(tools: ComponentTools, runtime: RuntimeKind): LocalNode[] {
  if (runtime === 'none' || !tools.options.only.has('kubelet')) return [];
  if (runtime === 'docker') return [dockerNode(tools, nodeNameOf(0))];
  return Array.from({ length: tools.options.nodes }, (_, index) => hollowNode(tools, nodeNameOf(index)));
}

type NodeParts = Pick<KubeletOptions, 'runtime' | 'machine'> & Partial<KubeletOptions>;

function hollowNode(tools: ComponentTools, nodeName: string): LocalNode {
  return localNode(
    nodeName,
    async (client) => {
      const runtime = new HollowRuntime({ ...tools });
      return {
        kubelet: kubeletOf(tools, {
          client,
          nodeName,
          parts: { runtime, machine: hollowMachine({ address: '127.0.0.1' }), onPodCidr: (cidr) => runtime.setPodCidr(cidr) },
        }),
        beside: [],
      };
    },
    tools,
  );
}

function dockerNode(tools: ComponentTools, nodeName: string): LocalNode {
  const { options, logger } = tools;
  return localNode(
    nodeName,
    async (client) => {
      const dataDir = join(options.dataDir, 'nodes', nodeName);
      const overlay = new Overlay({ ...tools, dataDir: join(dataDir, 'overlay'), clusterCidr });
      const network = new NodeNetwork({ tools, overlay, nodeName });
      const { DockerRuntime } = await import('@steersman/kubelet/docker');
      const runtime = new DockerRuntime({
        ...tools,
        clusterId: clusterIdOf(options.dataDir),
        nodeName,
        sandboxNetwork: 'none',
        socketPath: dockerSocket(),
      });
      const machine = await readMachine(dataDir, hostAddresses()[0]);
      const kubelet = kubeletOf(tools, {
        client,
        nodeName,
        parts: {
          runtime,
          machine,
          network: overlay,
          onPodCidr: (cidr) => void network.start(cidr).catch((err: unknown) => logger.error('the pod network could not be set up', { err })),
        },
      });
      return { kubelet, beside: [overlay, network] };
    },
    tools,
  );
}

function kubeletOf(tools: ComponentTools, { client, nodeName, parts }: { client: Client; nodeName: string; parts: NodeParts }): Kubelet {
  const { clock, random, logger, options } = tools;
  return new Kubelet({
    clock,
    random,
    logger,
    client,
    nodeName,
    dataDir: join(options.dataDir, 'nodes', nodeName),
    clusterDns: [clusterDnsAddress],
    clusterDomain: 'cluster.local',
    ...parts,
  });
}

function localNode(
  nodeName: string,
  make: (client: Client) => Promise<{ kubelet: Kubelet; beside: readonly Runnable[] }>,
  tools: ComponentTools,
): LocalNode {
  let resolveReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    resolveReady = resolve;
  });
  return {
    name: `node ${nodeName}`,
    ready,
    run: async (signal) => {
      const made = await Promise.race([clientFor(tools.server, nodeUser(nodeName), 'kubelet').then(make), aborted(signal).then(() => undefined)]);
      if (!made || signal.aborted) return;
      const { kubelet, beside } = made;
      tools.nodeApis.set(nodeName, kubelet.nodeApi);
      kubelet.ready.then(resolveReady, () => {});
      await runAll(signal, [kubelet, ...beside]).finally(() => tools.nodeApis.delete(nodeName));
    },
  };
}
