// The overlay's own firewall rules, as text for iptables-restore: pod traffic is let through, leaves under the node's address,
// and host ports lead to their pods. A pure function of the node's state.
import type { Jump } from '@steersman/component-base';
import type { Claim } from './address-book.js';

export interface FirewallState {
  readonly bridge: string;
  readonly podCidr: string;
  readonly clusterCidr: string;
  readonly claims: readonly Claim[];
}

export const chains = { forward: 'STEERSMAN-FORWARD', masquerade: 'STEERSMAN-MASQ', hostPorts: 'STEERSMAN-HOSTPORTS' } as const;

export const ownChains = [
  ['filter', chains.forward],
  ['nat', chains.masquerade],
  ['nat', chains.hostPorts],
] as const;

/** Where the chains are entered from: inserted once, on top. */
export const jumps: readonly Jump[] = [
  { table: 'filter', parent: 'FORWARD', chain: chains.forward, match: [] },
  { table: 'nat', parent: 'POSTROUTING', chain: chains.masquerade, match: [] },
  { table: 'nat', parent: 'PREROUTING', chain: chains.hostPorts, match: ['-m', 'addrtype', '--dst-type', 'LOCAL'] },
  { table: 'nat', parent: 'OUTPUT', chain: chains.hostPorts, match: ['-m', 'addrtype', '--dst-type', 'LOCAL'] },
];

export function firewallText({ bridge, podCidr, clusterCidr, claims }: FirewallState): string {
  const hostPorts = claims.flatMap(({ address, hostPorts: ports }) =>
    ports.map(({ hostPort, containerPort, protocol, hostIp }) => {
      const protocolName = protocol.toLowerCase();
      const destination = hostIp && hostIp !== '0.0.0.0' ? ` -d ${hostIp}` : '';
      return `-A ${chains.hostPorts} -p ${protocolName}${destination} --dport ${hostPort} -j DNAT --to-destination ${address}:${containerPort}`;
    }),
  );
  const local = claims.flatMap(({ address, hostPorts: ports }) =>
    ports.map(
      ({ containerPort, protocol }) =>
        `-A ${chains.masquerade} -s 127.0.0.0/8 -d ${address} -p ${protocol.toLowerCase()} --dport ${containerPort} -j MASQUERADE`,
    ),
  );
  return [
    '*filter',
    `:${chains.forward} - [0:0]`,
    `-A ${chains.forward} -i ${bridge} -j ACCEPT`,
    `-A ${chains.forward} -o ${bridge} -j ACCEPT`,
    'COMMIT',
    '*nat',
    `:${chains.masquerade} - [0:0]`,
    `:${chains.hostPorts} - [0:0]`,
    `-A ${chains.masquerade} -s ${podCidr} -d ${clusterCidr} -j RETURN`,
    `-A ${chains.masquerade} -s ${podCidr} -d 224.0.0.0/4 -j RETURN`,
    `-A ${chains.masquerade} -s ${podCidr} ! -o ${bridge} -j MASQUERADE`,
    ...local,
    ...hostPorts,
    'COMMIT',
    '',
  ].join('\n');
}
