// What the node's firewall must do for services: a pure function from services and endpoint slices to service ports with their targets.
// Mirrors https://kubernetes.io/docs/reference/networking/virtual-ips/
import type { Endpoint, EndpointSlice, Service, ServicePort } from '@steersman/api';

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

/** One port of one service, with everything that leads to it and everything it leads to. */
export interface ServiceRule {
  /** `namespace/name:port` */
  readonly id: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  readonly clusterIp: string;
  readonly externalIps: readonly string[];
  readonly loadBalancerIps: readonly string[];
  readonly sourceRanges: readonly string[];
  readonly nodePort: number | undefined;
  /** Seconds a client stays with its endpoint; undefined: not at all. */
  readonly affinitySeconds: number | undefined;
  /** Traffic from inside the cluster goes to these. */
  readonly internal: readonly Target[];
  /** Traffic from outside goes to these, and keeps its source address where `preserveSource`. */
  readonly external: readonly Target[];
  readonly preserveSource: boolean;
}

export interface ProxyState {
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly nodeName: string;
}

const serviceLabel = 'kubernetes.io/service-name';
const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';

/** The rules of all services that have a cluster address. */
export function serviceRules({ services, slices, nodeName }: ProxyState): ServiceRule[] {
  const byService = Map.groupBy(slices, ({ metadata }) => `${metadata.namespace}/${metadata.labels?.[serviceLabel] ?? ''}`);
  return services
    .filter(
      ({ spec, metadata }) =>
        spec?.clusterIP && spec.clusterIP !== 'None' && spec.type !== 'ExternalName' && metadata.labels?.[proxyNameLabel] === undefined,
    )
    .flatMap((service) =>
      (service.spec?.ports ?? []).map((port) =>
        ruleOf(service, port, { slices: byService.get(`${service.metadata.namespace}/${service.metadata.name}`) ?? [], nodeName }),
      ),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function ruleOf(service: Service, port: ServicePort, { slices, nodeName }: { slices: readonly EndpointSlice[]; nodeName: string }): ServiceRule {
  const { metadata, spec = {}, status } = service;
  const all = targetsOf(slices, port, nodeName);
  const localInternal = spec.internalTrafficPolicy === 'Local';
  const localExternal = spec.externalTrafficPolicy === 'Local';
  return {
    id: `${metadata.namespace}/${metadata.name}:${port.name ?? ''}`,
    protocol: (port.protocol ?? 'TCP').toLowerCase() as ServiceRule['protocol'],
    port: port.port,
    clusterIp: spec.clusterIP ?? '',
    externalIps: (spec.externalIPs ?? []).filter(isIpv4),
    loadBalancerIps:
      spec.type === 'LoadBalancer'
        ? (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) => (ip && isIpv4(ip) && ipMode !== 'Proxy' ? [ip] : []))
        : [],
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()),
    nodePort: spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? port.nodePort : undefined,
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
    internal: localInternal ? usable(all, true) : usable(all, false),
    external: localExternal ? usable(all, true) : usable(all, false),
    preserveSource: localExternal,
  };
}

interface Candidate extends Target {
  readonly ready: boolean;
  readonly serving: boolean;
}

/** Ready endpoints; where there is none, those that still serve while they terminate. */
function usable(all: readonly Candidate[], localOnly: boolean): Target[] {
  const eligible = localOnly ? all.filter(({ local }) => local) : all;
  const ready = eligible.filter((one) => one.ready);
  return (ready.length ? ready : eligible.filter(({ serving }) => serving)).map(({ address, port, local }) => ({ address, port, local }));
}

function targetsOf(slices: readonly EndpointSlice[], port: ServicePort, nodeName: string): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { addressType, endpoints, ports } of slices) {
    if (addressType !== 'IPv4') continue;
    const number = ports?.find((one) => (one.name ?? '') === (port.name ?? '') && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.port;
    if (number === undefined) continue;
    for (const endpoint of endpoints ?? []) {
      const [address] = endpoint.addresses;
      if (address) found.set(`${address}:${number}`, candidate(endpoint, { address, port: number, nodeName }));
    }
  }
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port));
}

const candidate = (
  { conditions, nodeName: node }: Endpoint,
  { address, port, nodeName }: { address: string; port: number; nodeName: string },
): Candidate => ({
  address,
  port,
  local: node === nodeName,
  ready: conditions?.ready ?? true,
  serving: (conditions?.serving ?? true) && (conditions?.terminating ?? false),
});

const isIpv4 = (address: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(address);
