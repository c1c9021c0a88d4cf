// Service rules as text for iptables-restore: one transaction replaces all. Chains are named as upstream names them.

import { createHash } from 'node:crypto';
import type { Jump } from '@steersman/component-base';
import type { ServiceRule, Target } from './rule-model.js';

export interface IptablesOptions {
  /** Traffic to services from outside this range leaves under the node's address. */
  readonly clusterCidr: string;
}

/** Chains that are always there, and where they are entered from. */
export const baseChains = {
  nat: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'],
  filter: ['KUBE-SERVICES', 'KUBE-FORWARD', 'KUBE-EXTERNAL-SERVICES'],
} as const;

export const jumps: readonly Jump[] = [
  { table: 'nat', parent: 'PREROUTING', chain: 'KUBE-SERVICES', match: [] },
  { table: 'nat', parent: 'OUTPUT', chain: 'KUBE-SERVICES', match: [] },
  { table: 'nat', parent: 'POSTROUTING', chain: 'KUBE-POSTROUTING', match: [] },
  { table: 'filter', parent: 'FORWARD', chain: 'KUBE-FORWARD', match: [] },
  { table: 'filter', parent: 'FORWARD', chain: 'KUBE-SERVICES', match: ['-m', 'conntrack', '--ctstate', 'NEW'] },
  { table: 'filter', parent: 'OUTPUT', chain: 'KUBE-SERVICES', match: ['-m', 'conntrack', '--ctstate', 'NEW'] },
  { table: 'filter', parent: 'INPUT', chain: 'KUBE-EXTERNAL-SERVICES', match: ['-m', 'conntrack', '--ctstate', 'NEW'] },
];

const masqueradeMark = '0x4000/0x4000';

/** A chain's name from what it stands for: at most 28 characters. */
const chainName = (prefix: string, ...parts: string[]): string => {
  const hash = createHash('sha256').update(parts.join(' ')).digest();
  return `${prefix}${base32(hash).slice(0, 16)}`;
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Buffer): string {
  let bits = '';
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((group) => alphabet[Number.parseInt(group, 2)]).join('');
}

const comment = (text: string): string => `-m comment --comment "${text.replace(/["\\]/g, '')}"`;

/** The whole of both tables' own chains; `stale` are chains of an earlier transaction that are no longer needed. */
export function iptablesText(
  rules: readonly ServiceRule[],
  { clusterCidr }: IptablesOptions,
  stale: ReadonlySet<string> = new Set(),
): { text: string; chains: ReadonlySet<string> } {
  const nat = new Table();
  const filter: string[] = [];
  for (const rule of rules) addService(rule, { nat, filter, clusterCidr });
  const declared = [...baseChains.nat, ...nat.chains].map((chain) => `:${chain} - [0:0]`);
  const removed = [...stale].filter((chain) => !nat.chains.has(chain));
  const text = [
    '*filter',
    ...baseChains.filter.map((chain) => `:${chain} - [0:0]`),
    `-A KUBE-FORWARD ${comment('forwarding of service traffic')} -m mark --mark ${masqueradeMark} -j ACCEPT`,
    `-A KUBE-FORWARD ${comment('answers of service traffic')} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    ...filter,
    'COMMIT',
    '*nat',
    ...declared,
    ...removed.map((chain) => `:${chain} - [0:0]`),
    '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
    `-A KUBE-POSTROUTING -m mark ! --mark ${masqueradeMark} -j RETURN`,
    '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
    `-A KUBE-POSTROUTING ${comment('service traffic that needs a source address')} -j MASQUERADE --random-fully`,
    ...nat.rules,
    ...nat.nodePorts,
    `-A KUBE-SERVICES ${comment('node ports; this must be the last rule of this chain')} -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS`,
    ...removed.map((chain) => `-X ${chain}`),
    'COMMIT',
    '',
  ].join('\n');
  return { text, chains: nat.chains };
}

class Table {
  readonly chains = new Set<string>();
  readonly rules: string[] = [];
  readonly nodePorts: string[] = [];
}

interface Output {
  readonly nat: Table;
  readonly filter: string[];
  readonly clusterCidr: string;
}

function addService(rule: ServiceRule, output: Output): void {
  const { id, protocol, port, clusterIp } = rule;
  const { nat, filter, clusterCidr } = output;
  const about = comment(`${id} cluster IP`);
  if (rule.internal.length === 0)
    filter.push(`-A KUBE-SERVICES ${comment(`${id} has no endpoints`)} -m ${protocol} -p ${protocol} -d ${clusterIp}/32 --dport ${port} -j REJECT`);
  else {
    const chain = targetChain('KUBE-SVC-', rule, { targets: rule.internal, nat });
    nat.rules.push(`-A KUBE-SERVICES ${about} -m ${protocol} -p ${protocol} -d ${clusterIp}/32 --dport ${port} -j ${chain}`);
    nat.rules.unshift(`-A ${chain} ${about} -m ${protocol} -p ${protocol} -d ${clusterIp}/32 --dport ${port} ! -s ${clusterCidr} -j KUBE-MARK-MASQ`);
  }
  addExternal(rule, output);
}

/** Whatever leads to a service from outside: node port, external addresses, load balancer addresses. */
function addExternal(rule: ServiceRule, { nat, filter, clusterCidr }: Output): void {
  const { id, protocol, port, nodePort, externalIps, loadBalancerIps, sourceRanges } = rule;
  if (nodePort === undefined && externalIps.length + loadBalancerIps.length === 0) return;
  const addresses = [...externalIps, ...loadBalancerIps];
  if (rule.external.length === 0) {
    const none = comment(`${id} has no ${rule.preserveSource ? 'local ' : ''}endpoints`);
    for (const address of addresses)
      filter.push(`-A KUBE-EXTERNAL-SERVICES ${none} -m ${protocol} -p ${protocol} -d ${address}/32 --dport ${port} -j REJECT`);
    if (nodePort !== undefined)
      filter.push(`-A KUBE-EXTERNAL-SERVICES ${none} -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${nodePort} -j REJECT`);
    return;
  }
  const chain = chainName('KUBE-EXT-', rule.id, protocol);
  nat.chains.add(chain);
  const about = comment(`${id} from outside`);
  const targets = targetChain(rule.preserveSource ? 'KUBE-SVL-' : 'KUBE-SVC-', rule, { targets: rule.external, nat });
  if (rule.preserveSource) {
    const cluster = rule.internal.length ? targetChain('KUBE-SVC-', rule, { targets: rule.internal, nat }) : targets;
    nat.rules.push(`-A ${chain} ${about} -s ${clusterCidr} -j ${cluster}`);
    nat.rules.push(`-A ${chain} ${about} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`);
    nat.rules.push(`-A ${chain} ${about} -m addrtype --src-type LOCAL -j ${cluster}`);
  } else nat.rules.push(`-A ${chain} ${about} -j KUBE-MARK-MASQ`);
  nat.rules.push(`-A ${chain} ${about} -j ${targets}`);
  for (const address of externalIps)
    nat.rules.push(`-A KUBE-SERVICES ${about} -m ${protocol} -p ${protocol} -d ${address}/32 --dport ${port} -j ${chain}`);
  for (const address of loadBalancerIps)
    for (const range of sourceRanges.length ? sourceRanges : ['0.0.0.0/0'])
      nat.rules.push(`-A KUBE-SERVICES ${about} -m ${protocol} -p ${protocol} -s ${range} -d ${address}/32 --dport ${port} -j ${chain}`);
  if (nodePort !== undefined) nat.nodePorts.push(`-A KUBE-NODEPORTS ${about} -m ${protocol} -p ${protocol} --dport ${nodePort} -j ${chain}`);
}

/** The chain that spreads a service's traffic over targets, each with the same chance; made once. */
function targetChain(prefix: string, rule: ServiceRule, { targets, nat }: { targets: readonly Target[]; nat: Table }): string {
  const chain = chainName(prefix, rule.id, rule.protocol);
  if (nat.chains.has(chain)) return chain;
  nat.chains.add(chain);
  const endpoints = targets.map((target) => ({ target, name: endpointChain(rule, target, nat) }));
  if (rule.affinitySeconds !== undefined)
    for (const { target, name } of endpoints)
      nat.rules.push(
        `-A ${chain} ${comment(`${rule.id} stays with ${target.address}`)} -m recent --name ${name} --rcheck --seconds ${rule.affinitySeconds} --reap -j ${name}`,
      );
  endpoints.forEach(({ target, name }, index) => {
    const left = endpoints.length - index;
    const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    nat.rules.push(`-A ${chain} ${comment(`${rule.id} to ${target.address}:${target.port}`)}${chance} -j ${name}`);
  });
  return chain;
}

function endpointChain(rule: ServiceRule, { address, port }: Target, nat: Table): string {
  const chain = chainName('KUBE-SEP-', rule.id, rule.protocol, `${address}:${port}`);
  if (nat.chains.has(chain)) return chain;
  nat.chains.add(chain);
  nat.rules.push(`-A ${chain} ${comment(rule.id)} -s ${address}/32 -j KUBE-MARK-MASQ`);
  const remember = rule.affinitySeconds === undefined ? '' : ` -m recent --name ${chain} --set`;
  nat.rules.push(`-A ${chain} ${comment(rule.id)}${remember} -m ${rule.protocol} -p ${rule.protocol} -j DNAT --to-destination ${address}:${port}`);
  return chain;
}
