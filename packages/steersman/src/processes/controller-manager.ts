#!/usr/bin/env node
// steersman-controller-manager: the controllers as their own process; of several one leads. Each controller acts as the
// service account of its name, by a token that is asked for again before it runs out.
import { hostname } from 'node:os';
import { isAlreadyExists } from '@steersman/api';
import { Client, LeaderElection, RestTransport, readKubeconfig } from '@steersman/client';
import { ControllerManager } from '@steersman/controller-manager';
import { commonFlags, connect, need, pem, runProcess } from './run-component.js';

const namespace = 'kube-system';
const tokenSeconds = 24 * 3600;

await runProcess(
  {
    command: 'steersman-controller-manager',
    summary: 'Runs the controllers.',
    flags: {
      ...commonFlags,
      'root-ca-file': { description: 'PEM of the authority that pods verify the API server by', required: true },
      'cluster-cidr': { description: 'pod addresses of the cluster', default: '10.244.0.0/16' },
      'node-cidr-mask-size': { description: 'size of the range that each node gets', default: '24' },
    },
    example: 'steersman-controller-manager --kubeconfig controller-manager.conf --api-grpc 192.0.2.10:6444 --root-ca-file ca.crt',
  },
  async (tools) => {
    const { flags } = tools;
    const client = connect(flags, 'kube-controller-manager');
    const manager = new ControllerManager({
      ...tools,
      client,
      clientOf: (controller) => clientOf(client, need(flags, 'kubeconfig'), controller),
      rootCa: pem(need(flags, 'root-ca-file')),
      clusterCidr: need(flags, 'cluster-cidr'),
      nodeCidrMaskSize: Number(flags['node-cidr-mask-size']),
    });
    const identity = `${hostname()}_${tools.random.uid()}`;
    return [
      new LeaderElection({ ...tools, client, lease: { namespace, name: 'kube-controller-manager' }, identity }, (signal) => manager.run(signal)),
    ];
  },
);

/** A client that acts as a controller's service account, which is made where it is missing. */
async function clientOf(client: Client, kubeconfig: string, controller: string): Promise<Client> {
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: controller } }).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: tokenSeconds } };
  const { status } = await client.createSubresource<{ status: { token: string } }>(
    'ServiceAccount',
    { namespace, name: controller },
    'token',
    request,
  );
  const { server, ca } = readKubeconfig(kubeconfig);
  return new Client(new RestTransport({ server, ...(ca && { ca }), token: status.token, program: 'kube-controller-manager' }));
}
