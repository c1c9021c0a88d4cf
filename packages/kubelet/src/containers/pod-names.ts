// Host name, hosts file and resolver settings of a pod.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go and pkg/kubelet/network/dns
import { readFile } from 'node:fs/promises';
import { isHostNetwork, type NodePod, nameOf, namespaceOf } from '../pods/pod.js';
import type { DnsConfig } from '../runtime/sandbox-config.js';

const longestHostname = 63;

/** The host name proper and the domain, which is empty without a subdomain. */
export function hostnameOf(pod: NodePod, clusterDomain: string): { readonly hostname: string; readonly domain: string } {
  let hostname = pod.spec.hostname || nameOf(pod);
  if (hostname.length > longestHostname) hostname = hostname.slice(0, longestHostname).replace(/[-.]+$/, '');
  const domain = pod.spec.subdomain ? `${pod.spec.subdomain}.${namespaceOf(pod)}.svc.${clusterDomain}` : '';
  return { hostname, domain };
}

/** What the kernel is told. */
export function kernelHostname(pod: NodePod, clusterDomain: string): string {
  const { hostname, domain } = hostnameOf(pod, clusterDomain);
  return pod.spec.setHostnameAsFQDN && domain ? `${hostname}.${domain}` : hostname;
}

function aliases(pod: NodePod): string {
  const lines = (pod.spec.hostAliases ?? []).map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`);
  return lines.length > 0 ? `\n# Entries added by HostAliases.\n${lines.join('')}` : '';
}

export async function hostsFile(pod: NodePod, podIps: readonly string[], clusterDomain: string): Promise<string> {
  if (isHostNetwork(pod))
    return `# Kubernetes-managed hosts file (host network).\n${await readFile('/etc/hosts', 'utf8').catch(() => '')}${aliases(pod)}`;
  const { hostname, domain } = hostnameOf(pod, clusterDomain);
  const own = podIps.map((ip) => (domain ? `${ip}\t${hostname}.${domain}\t${hostname}\n` : `${ip}\t${hostname}\n`));
  return [
    '# Kubernetes-managed hosts file.\n',
    '127.0.0.1\tlocalhost\n',
    '::1\tlocalhost ip6-localhost ip6-loopback\n',
    'fe00::0\tip6-localnet\n',
    'fe00::0\tip6-mcastprefix\n',
    'fe00::1\tip6-allnodes\n',
    'fe00::2\tip6-allrouters\n',
    ...own,
    aliases(pod),
  ].join('');
}

/** Reads a resolv.conf. */
export function parseResolvConf(text: string): DnsConfig {
  const [servers, options]: [string[], string[]] = [[], []];
  let searches: string[] = [];
  for (const line of text.split('\n')) {
    const [keyword, ...fields] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && fields[0]) servers.push(fields[0]);
    else if (keyword === 'search') searches = fields.map((name) => (name === '.' ? name : name.replace(/\.$/, '')));
    else if (keyword === 'options') options.push(...fields);
  }
  return { servers, searches, options };
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** Options by name: those of `more` win. */
function mergeOptions(options: readonly string[], more: readonly { name?: string; value?: string }[]): string[] {
  const byName = new Map(options.map((option) => [option.split(':')[0]!, option]));
  for (const { name = '', value } of more) byName.set(name, value ? `${name}:${value}` : name);
  return [...byName.values()];
}

export interface DnsSources {
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  readonly host: DnsConfig;
}

const mostServers = 3;
const mostSearches = 32;

export function dnsConfig(pod: NodePod, { clusterDns, clusterDomain, host }: DnsSources): DnsConfig {
  const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
  const clusterFirst = policy === 'ClusterFirstWithHostNet' || (policy === 'ClusterFirst' && !isHostNetwork(pod));
  let base: DnsConfig = host;
  if (policy === 'None') base = { servers: [], searches: [], options: [] };
  else if (clusterFirst && clusterDns.length > 0) {
    const namespace = namespaceOf(pod);
    const searches = clusterDomain
      ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain, ...host.searches]
      : [...host.searches];
    base = { servers: clusterDns, searches, options: ['ndots:5'] };
  }
  const { nameservers = [], searches = [], options = [] } = pod.spec.dnsConfig ?? {};
  return {
    servers: unique([...base.servers, ...nameservers]).slice(0, mostServers),
    searches: unique([...base.searches, ...searches]).slice(0, mostSearches),
    options: mergeOptions(base.options, options),
  };
}

export const resolvConf = ({ servers, searches, options }: DnsConfig): string =>
  [
    ...(searches.length > 0 ? [`search ${searches.join(' ')}\n`] : []),
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
