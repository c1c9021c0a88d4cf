#!/usr/bin/env node
// steersman-kube-proxy: the service rules of a node as their own process.
import { KubeProxy } from '@steersman/kube-proxy';
import { commonFlags, connect, need, runProcess } from './run-component.js';

await runProcess(
  {
    command: 'steersman-kube-proxy',
    summary: 'Keeps the firewall of a node equal to the services of the cluster.',
    flags: {
      ...commonFlags,
      'hostname-override': { description: "the node's name", required: true },
      'cluster-cidr': { description: 'pod addresses of the cluster', default: '10.244.0.0/16' },
    },
    example: 'steersman-kube-proxy --kubeconfig kube-proxy.conf --hostname-override n1',
  },
  async (tools) => [
    new KubeProxy({
      ...tools,
      client: connect(tools.flags, 'kube-proxy'),
      nodeName: need(tools.flags, 'hostname-override'),
      clusterCidr: need(tools.flags, 'cluster-cidr'),
    }),
  ],
);
