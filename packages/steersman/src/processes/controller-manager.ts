#!/usr/bin/env node
// steersman-controller-manager: the controllers as their own process; of several one leads. Each controller acts as the
// service account of its name, by a token that is asked for again before it runs out.
import { hostname } from 'node:os';
import { Client, LeaderElection, RestTransport, readKubeconfig, ServiceAccountToken } from '@steersman/client';
import { ControllerManager } from '@steersman/controller-manager';
import { commonFlags, connect, need, pem, runProcess } from './run-component.js';

const namespace = 'kube-system';
const program = 'kube-controller-manager';

await runProcess(
  {
    command: 'steersman-controller-manager',
    summary: 'Runs the controllers.',
    flags: {
      ...commonFlags,
      'root-ca-file': { description: 'PEM of the authority that pods verify the API server by', required: true },
      'cluster-signing-cert-file': { description: 'PEM of the authority that signs certificate requests; without it none are signed' },
      'cluster-signing-key-file': { description: 'PEM of its key' },
      'cluster-cidr': { description: 'pod addresses of the cluster', default: '10.244.0.0/16' },
      'node-cidr-mask-size': { description: 'size of the range that each node gets', default: '24' },
    },
    example: 'steersman-controller-manager --kubeconfig controller-manager.conf --api-grpc 192.0.2.10:6444 --root-ca-file ca.crt',
  },
  async (tools) => {
    const { flags } = tools;
    const authority = flags['cluster-signing-cert-file'];
    const client = connect(flags, program);
    const { server, ca } = readKubeconfig(need(flags, 'kubeconfig'));
    const manager = new ControllerManager({
      ...tools,
      client,
      clientOf: (name) => {
        const tokens = new ServiceAccountToken({ ...tools, client, namespace, name });
        return new Client(new RestTransport({ server, ...(ca && { ca }), tokens, program }));
      },
      ...(authority && { signer: { cert: pem(authority), key: pem(need(flags, 'cluster-signing-key-file')) } }),
      rootCa: pem(need(flags, 'root-ca-file')),
      clusterCidr: need(flags, 'cluster-cidr'),
      nodeCidrMaskSize: Number(flags['node-cidr-mask-size']),
    });
    const identity = `${hostname()}_${tools.random.uid()}`;
    return [new LeaderElection({ ...tools, client, lease: { namespace, name: program }, identity }, (signal) => manager.run(signal))];
  },
);
