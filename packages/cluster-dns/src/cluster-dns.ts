// Cluster DNS: answers from the API's services and endpoint slices, kept current by informers.
import type { Clock, EndpointSlice, Logger } from '@steersman/api';
import { type Client, Informer } from '@steersman/client';
import { Counter, createMetrics, type Registry, type Runnable, runAll } from '@steersman/component-base';
import { DnsServer } from './dns-server.js';
import { nameServers } from './forwarder.js';
import type { ZoneSource } from './zone.js';

export interface ClusterDnsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where to listen; the service of cluster DNS leads here. */
  readonly address: string;
  readonly port: number;
  readonly domain?: string;
  /** Name servers for other zones; those of the machine unless given. */
  readonly upstream?: readonly string[];
}

const serviceIndex = 'service';

export class ClusterDns implements Runnable {
  readonly name = 'cluster DNS';
  /** It listens, and knows the services. */
  readonly ready: Promise<void>;
  readonly metrics: Registry = createMetrics();
  private readonly services: Informer<'Service'>;
  private readonly slices: Informer<'EndpointSlice'>;
  private readonly namespaces: Informer<'Namespace'>;
  private resolveReady!: () => void;

  constructor(private readonly options: ClusterDnsOptions) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
    this.services = new Informer({ ...options, kind: 'Service' });
    this.slices = new Informer({ ...options, kind: 'EndpointSlice' });
    this.namespaces = new Informer({ ...options, kind: 'Namespace' });
    this.slices.addIndex(serviceIndex, ({ metadata }: EndpointSlice) => [
      `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
    ]);
  }

  async run(signal: AbortSignal): Promise<void> {
    await runAll(signal, [this.services, this.slices, this.namespaces, { name: 'DNS server', run: (stop) => this.serve(stop) }]);
  }

  private async serve(signal: AbortSignal): Promise<void> {
    const { address, port, clock, logger, upstream = nameServers().filter((server) => server !== address) } = this.options;
    const answers = new Counter({
      name: 'cluster_dns_responses_total',
      help: 'Questions answered, by code',
      labelNames: ['rcode'],
      registers: [this.metrics],
    });
    const server = new DnsServer({ address, port, clock, logger, upstream, source: this.source(), onAnswer: (rcode) => answers.inc({ rcode }) });
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all([this.services.synced, this.slices.synced, this.namespaces.synced]), stopped]);
    if (!signal.aborted) await server.run(signal, () => this.resolveReady());
  }

  private source(): ZoneSource {
    const { lister: services } = this.services;
    const { lister: slices } = this.slices;
    return {
      domain: this.options.domain ?? 'cluster.local',
      service: (namespace, name) => services.get(namespace, name),
      slices: (namespace, service) => slices.byIndex(serviceIndex, `${namespace}/${service}`),
      services: () => services.list(),
      allSlices: () => slices.list(),
      hasNamespace: (name) => this.namespaces.lister.get('', name) !== undefined,
    };
  }
}
