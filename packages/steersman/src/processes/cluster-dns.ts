#!/usr/bin/env node
// steersman-cluster-dns: cluster DNS as its own process.
import { ClusterDns } from '@steersman/cluster-dns';
import { commonFlags, connect, need, runProcess } from './run-component.js';

await runProcess(
  {
    command: 'steersman-cluster-dns',
    summary: 'Answers DNS questions about services and pods.',
    flags: {
      ...commonFlags,
      address: { description: 'address to listen on', required: true },
      port: { description: 'port to listen on', default: '53' },
      'cluster-domain': { description: 'domain of the cluster', default: 'cluster.local' },
    },
    example: 'steersman-cluster-dns --kubeconfig cluster-dns.conf --address 10.244.0.1',
  },
  async (tools) => [
    new ClusterDns({
      ...tools,
      client: connect(tools.flags, 'cluster-dns'),
      address: need(tools.flags, 'address'),
      port: Number(tools.flags['port']),
      domain: need(tools.flags, 'cluster-domain'),
    }),
  ],
);
