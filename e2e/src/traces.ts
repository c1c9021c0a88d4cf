// What a cluster has on the machine: containers, links, network namespaces, rules, mounts, processes.
import { run } from './run.js';

const linesOf = async (command: string, args: readonly string[]): Promise<string[]> => (await run(command, args)).stdout.split('\n').filter(Boolean);

/** Running containers by the beginning of their name, as `ID NAME`, sorted. */
export const containersNamed = async (prefix: string): Promise<string[]> =>
  (await linesOf('docker', ['ps', '--no-trunc', '--format', '{{.ID}} {{.Names}}', '--filter', `name=${prefix}`])).sort();

/** What is left of clusters, of which one has this data directory. */
export async function tracesOf(dataDir: string): Promise<string[]> {
  const containers = (await linesOf('docker', ['ps', '-a', '--format', '{{.Names}}'])).filter((name) => name.startsWith('k8s_'));
  const links = (await linesOf('ip', ['-br', 'link'])).filter((line) => /^(steersman|veth)/.test(line));
  const namespaces = (await linesOf('ip', ['netns', 'list'])).filter((name) => name.includes('steersman'));
  const rules = (await linesOf('iptables-save', [])).filter((line) => /KUBE-|STEERSMAN-/.test(line));
  const mounts = (await linesOf('cat', ['/proc/mounts'])).filter((line) => line.includes(dataDir));
  const processes = (await linesOf('ps', ['-eo', 'args'])).filter((line) => line.includes(dataDir));
  return [...containers, ...links, ...namespaces, ...rules, ...mounts, ...processes];
}
