// What a node's network needs beside the overlay, once the node has its range: service rules and cluster DNS.
import { isNotFound, type KindName, type KubernetesObject } from '@steersman/api';
import { loopbackUser } from '@steersman/apiserver';
import type { Client } from '@steersman/client';
import { ClusterDns } from '@steersman/cluster-dns';
import { aborted, anySignal, type Runnable, runAll } from '@steersman/component-base';
import { KubeProxy } from '@steersman/kube-proxy';
import type { Overlay } from '@steersman/overlay';
import { type ComponentTools, clientFor, componentUser } from './components.js';
import { clusterCidr, clusterDnsAddress } from './nodes.js';

export interface NodeNetworkOptions {
  readonly tools: ComponentTools;
  readonly overlay: Overlay;
  readonly nodeName: string;
}

const dnsPort = 53;
const retryMs = 1000;
const service = { namespace: 'kube-system', name: 'kube-dns' };

/** Waits for the node's range, then runs kube-proxy and cluster DNS on this node. */
export class NodeNetwork implements Runnable {
  readonly name = 'node network';
  private begin!: (gateway: string) => void;
  private readonly began: Promise<string>;

  constructor(private readonly options: NodeNetworkOptions) {
    this.began = new Promise((resolve) => {
      this.begin = resolve;
    });
  }

  /** The node has got its range of pod addresses. */
  async start(podCidr: string): Promise<void> {
    this.begin(await this.options.overlay.start(podCidr));
  }

  async run(signal: AbortSignal): Promise<void> {
    const gateway = await Promise.race([this.began, aborted(signal).then(() => undefined)]);
    if (gateway === undefined) return;
    const { tools, nodeName } = this.options;
    const { only } = tools.options;
    const stop = anySignal(signal);
    const parts: Runnable[] = [];
    if (only.has('proxy'))
      parts.push(
        new KubeProxy({ ...tools, nodeName, clusterCidr, client: await clientFor(tools.server, componentUser('system:kube-proxy'), 'kube-proxy') }),
      );
    if (only.has('dns')) {
      parts.push(
        { name: 'cluster DNS objects', run: (until) => this.publish(gateway, until) },
        new ClusterDns({
          ...tools,
          address: gateway,
          port: dnsPort,
          client: await clientFor(tools.server, componentUser('system:serviceaccount:kube-system:kube-dns', 'system:serviceaccounts'), 'cluster-dns'),
        }),
      );
    }
    await runAll(stop, parts);
  }

  /** Tries until the objects of cluster DNS are there. */
  private async publish(gateway: string, signal: AbortSignal): Promise<void> {
    const { tools } = this.options;
    const client = await clientFor(tools.server, loopbackUser, 'cluster-dns');
    while (!signal.aborted) {
      try {
        await publishDns(client, gateway);
        return;
      } catch (err) {
        if (signal.aborted) return;
        tools.logger.warn('the service of cluster DNS was not written, trying again', { err });
        await tools.clock.sleep(retryMs, signal);
      }
    }
  }
}

/** The service of cluster DNS, and the address behind it. */
async function publishDns(client: Client, address: string): Promise<void> {
  const ports = [
    { name: 'dns', protocol: 'UDP', port: dnsPort },
    { name: 'dns-tcp', protocol: 'TCP', port: dnsPort },
  ];
  await ensure(client, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...service, labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' } },
    spec: { clusterIP: clusterDnsAddress, ports },
  } as KubernetesObject);
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...service, labels: { 'kubernetes.io/service-name': service.name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports,
  };
  try {
    const current = await client.get('EndpointSlice', service);
    await client.update({ ...slice, metadata: { ...current.metadata, ...slice.metadata } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(slice);
  }
  await ensure(client, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'system:cluster-dns' },
    rules: [
      { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  } as KubernetesObject);
  await ensure(client, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'system:cluster-dns' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:cluster-dns' },
    subjects: [{ kind: 'ServiceAccount', name: 'kube-dns', namespace: 'kube-system' }],
  } as KubernetesObject);
}

/** Creates what is missing; looks first, as a service's address is refused before its name is. */
async function ensure(client: Client, object: KubernetesObject): Promise<void> {
  const { namespace, name = '' } = object.metadata ?? {};
  const exists = await client.get(object.kind as KindName, { namespace, name }).then(
    () => true,
    (error: unknown) => {
      if (!isNotFound(error)) throw error;
      return false;
    },
  );
  if (!exists) await client.create(object as never);
}
