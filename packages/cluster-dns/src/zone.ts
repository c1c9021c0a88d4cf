// What the cluster's zone answers: a pure function from services, endpoint slices and pods to records.
// Mirrors https://github.com/kubernetes/dns/blob/master/docs/specification.md
import type { EndpointSlice, Service } from '@steersman/api';

export type RecordType = 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME' | 'TXT' | 'SOA' | 'NS' | string;

export interface ZoneRecord {
  readonly name: string;
  readonly type: 'A' | 'SRV' | 'PTR' | 'CNAME' | 'TXT';
  readonly data: string | { readonly target: string; readonly port: number; readonly priority: number; readonly weight: number };
}

export interface ZoneSource {
  readonly domain: string;
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  services(): readonly Service[];
  allSlices(): readonly EndpointSlice[];
  hasNamespace(name: string): boolean;
}

/** `missing`: no such name; `empty`: the name is there, but has no record of this type. */
export type Answer =
  | { readonly kind: 'found'; readonly records: readonly ZoneRecord[]; readonly additional?: readonly ZoneRecord[] }
  | { readonly kind: 'missing' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'foreign' };

const missing: Answer = { kind: 'missing' };
const empty: Answer = { kind: 'empty' };

/** A pod's label under a headless service: its host name, or its address with dashes. */
const endpointName = (address: string, hostname: string | undefined): string => hostname ?? address.replaceAll('.', '-');

interface Member {
  readonly address: string;
  readonly hostname: string | undefined;
}

const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === 'None';

function membersOf(source: ZoneSource, { metadata, spec }: Service): Member[] {
  const publish = spec?.publishNotReadyAddresses ?? false;
  return source
    .slices(metadata.namespace ?? '', metadata.name ?? '')
    .flatMap(({ endpoints, addressType }) =>
      addressType !== 'IPv4'
        ? []
        : (endpoints ?? [])
            .filter(({ conditions }) => publish || conditions?.ready !== false)
            .flatMap(({ addresses, hostname }) => addresses.map((address) => ({ address, hostname }))),
    );
}

/** Answers a question about the cluster's own zones; `foreign` where it is about another. */
export function answer(source: ZoneSource, question: string, type: RecordType): Answer {
  const name = question.toLowerCase().replace(/\.$/, '');
  if (name.endsWith('.in-addr.arpa')) return reverse(source, name, type);
  if (name === source.domain) return empty;
  if (!name.endsWith(`.${source.domain}`)) return { kind: 'foreign' };
  const labels = name.slice(0, -source.domain.length - 1).split('.');
  if (labels.length === 1 && labels[0] === 'dns-version') return type === 'TXT' ? found([{ name, type: 'TXT', data: '1.1.0' }]) : empty;
  const zone = labels.pop();
  if (zone === 'svc') return serviceAnswer(source, { name, labels, type });
  if (zone === 'pod') return podAnswer(source, { name, labels, type });
  return missing;
}

const found = (records: readonly ZoneRecord[], additional?: readonly ZoneRecord[]): Answer => ({
  kind: 'found',
  records,
  ...(additional?.length && { additional }),
});

interface Question {
  readonly name: string;
  readonly labels: readonly string[];
  readonly type: RecordType;
}

function serviceAnswer(source: ZoneSource, { name, labels, type }: Question): Answer {
  if (labels.length === 0) return empty;
  const namespace = labels.at(-1) ?? '';
  if (labels.length === 1) return source.hasNamespace(namespace) ? empty : missing;
  const service = source.service(namespace, labels.at(-2) ?? '');
  if (!service) return missing;
  const rest = labels.slice(0, -2);
  if (rest.length === 0) return wholeService(source, service, { name, type });
  if (rest.length === 1 && isHeadless(service) && !rest[0]!.startsWith('_')) return oneEndpoint(source, service, { name, label: rest[0]!, type });
  if (rest.length === 2 && rest.every((label) => label.startsWith('_')))
    return portAnswer(source, service, { name, port: rest[0]!.slice(1), protocol: rest[1]!.slice(1), type });
  return missing;
}

function wholeService(source: ZoneSource, service: Service, { name, type }: { name: string; type: RecordType }): Answer {
  const { spec } = service;
  if (spec?.type === 'ExternalName')
    return type === 'A' || type === 'AAAA' || type === 'CNAME' ? found([{ name, type: 'CNAME', data: spec.externalName ?? '' }]) : empty;
  if (type === 'SRV') return unnamedPorts(source, service, name);
  const addresses = isHeadless(service) ? membersOf(source, service).map(({ address }) => address) : [spec?.clusterIP ?? ''];
  if (isHeadless(service) && addresses.length === 0) return missing;
  return type === 'A' ? found([...new Set(addresses)].map((data) => ({ name, type: 'A', data }))) : empty;
}

function oneEndpoint(source: ZoneSource, service: Service, { name, label, type }: { name: string; label: string; type: RecordType }): Answer {
  const members = membersOf(source, service).filter(({ address, hostname }) => endpointName(address, hostname) === label);
  if (members.length === 0) return missing;
  return type === 'A' ? found(members.map(({ address }) => ({ name, type: 'A', data: address }))) : empty;
}

function portAnswer(
  source: ZoneSource,
  service: Service,
  { name, port, protocol, type }: { name: string; port: string; protocol: string; type: RecordType },
): Answer {
  const chosen = (service.spec?.ports ?? []).filter((one) => (one.name ?? '') === port && (one.protocol ?? 'TCP').toLowerCase() === protocol);
  if (chosen.length === 0) return missing;
  if (type !== 'SRV') return empty;
  return serviceRecords(source, service, {
    name,
    ports: chosen.map((one) => ({ name: one.name ?? '', port: one.port, protocol: one.protocol ?? 'TCP' })),
  });
}

function unnamedPorts(source: ZoneSource, service: Service, name: string): Answer {
  const ports = (service.spec?.ports ?? []).map((one) => ({ name: one.name ?? '', port: one.port, protocol: one.protocol ?? 'TCP' }));
  return ports.length ? serviceRecords(source, service, { name, ports }) : empty;
}

function serviceRecords(
  source: ZoneSource,
  service: Service,
  { name, ports }: { name: string; ports: readonly { name: string; port: number; protocol: string }[] },
): Answer {
  const base = `${service.metadata.name}.${service.metadata.namespace}.svc.${source.domain}`;
  if (!isHeadless(service)) {
    const weight = Math.floor(100 / ports.length);
    const records = ports.map(({ port }) => srv(name, base, { port, weight }));
    return found(records, [{ name: base, type: 'A', data: service.spec?.clusterIP ?? '' }]);
  }
  const members = membersOf(source, service);
  if (members.length === 0) return missing;
  const weight = Math.max(1, Math.floor(100 / (members.length * ports.length)));
  const numbers = ports.map(
    (one) =>
      source
        .slices(service.metadata.namespace ?? '', service.metadata.name ?? '')
        .flatMap((slice) => slice.ports ?? [])
        .find((slicePort) => (slicePort.name ?? '') === one.name)?.port ?? one.port,
  );
  const records = members.flatMap(({ address, hostname }) =>
    numbers.map((port) => srv(name, `${endpointName(address, hostname)}.${base}`, { port, weight })),
  );
  return found(
    records,
    members.map(({ address, hostname }) => ({ name: `${endpointName(address, hostname)}.${base}`, type: 'A', data: address })),
  );
}

const srv = (name: string, target: string, { port, weight }: { port: number; weight: number }): ZoneRecord => ({
  name,
  type: 'SRV',
  data: { target, port, priority: 0, weight },
});

/** `10-244-0-5.default.pod`: the address itself, whether or not a pod has it. */
function podAnswer(source: ZoneSource, { name, labels, type }: Question): Answer {
  const [address = '', namespace = ''] = labels;
  if (labels.length === 1) return source.hasNamespace(address) ? empty : missing;
  if (labels.length !== 2 || !source.hasNamespace(namespace) || !/^\d{1,3}(-\d{1,3}){3}$/.test(address)) return missing;
  return type === 'A' ? found([{ name, type: 'A', data: address.replaceAll('-', '.') }]) : empty;
}

function reverse(source: ZoneSource, name: string, type: RecordType): Answer {
  const address = name.replace('.in-addr.arpa', '').split('.').reverse().join('.');
  const service = source.services().find(({ spec }) => spec?.clusterIP === address);
  const names = service ? [`${service.metadata.name}.${service.metadata.namespace}.svc.${source.domain}`] : endpointNames(source, address);
  if (names.length === 0) return { kind: 'foreign' };
  return type === 'PTR' ? found(names.map((data) => ({ name, type: 'PTR', data }))) : empty;
}

function endpointNames(source: ZoneSource, address: string): string[] {
  return source.allSlices().flatMap(({ metadata, endpoints }) => {
    const service = metadata.labels?.['kubernetes.io/service-name'] ?? '';
    const target = source.service(metadata.namespace ?? '', service);
    if (!target || !isHeadless(target)) return [];
    return (endpoints ?? [])
      .filter(({ addresses }) => addresses.includes(address))
      .map(({ hostname }) => `${endpointName(address, hostname)}.${service}.${metadata.namespace}.svc.${source.domain}`);
  });
}
