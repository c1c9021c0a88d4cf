#!/usr/bin/env node
// steersman-apiserver: the API server as its own process, for REST clients and, over mTLS gRPC, for the other components.
import type { Node } from '@steersman/api';
import { ApiServer, type ApiServerOptions } from '@steersman/apiserver';
import { UsageError } from '@steersman/component-base';
import { clientCredentials, connectNode, type NodeApi, type TlsIdentity } from '@steersman/rpc';
import { createStore } from '@steersman/storage';
import { type FlagValues, list, milliseconds, wholeNumber } from '../security/flag-values.js';
import { securityFlags, securityOptions } from '../security/security-flags.js';
import { need, pem, runProcess } from './run-component.js';

await runProcess(
  {
    command: 'steersman-apiserver',
    summary: 'Serves the Kubernetes API.',
    flags: {
      'bind-address': { description: 'address to listen on', default: '0.0.0.0' },
      'secure-port': { description: 'port of the REST API', default: '6443' },
      'grpc-port': { description: 'port of the gRPC service', default: '6444' },
      'advertise-address': { description: 'address that nodes and pods reach this server under', required: true },
      'tls-cert-file': { description: 'PEM of the serving certificate', required: true },
      'tls-private-key-file': { description: 'PEM of its key', required: true },
      'client-ca-file': { description: 'PEM of the authority that client certificates are signed by', required: true },
      'service-account-signing-key-file': { description: 'PEM of the key that signs service account tokens', required: true },
      'service-cluster-ip-range': { description: 'addresses of services', default: '10.96.0.0/16' },
      store: { description: 'embedded, memory or etcd', default: 'etcd' },
      'data-dir': { description: 'where the embedded store keeps its data' },
      'etcd-servers': { description: 'addresses of etcd, separated by commas' },
      'proxy-client-cert-file': { description: 'PEM of the certificate that this server shows to servers of aggregated APIs' },
      'proxy-client-key-file': { description: 'PEM of its key' },
      'requestheader-client-ca-file': { description: 'PEM of the authority of proxies that say who a request is from' },
      'requestheader-allowed-names': { description: 'common names of such proxies, separated by commas; all of the authority without it' },
      'max-requests-inflight': { description: 'how many reads run at a time', default: '400' },
      'max-mutating-requests-inflight': {
        description: 'how many writes run at a time; both together are what priority levels share',
        default: '200',
      },
      'request-timeout': { description: 'how long a request may take that does not go on for long', default: '1m' },
      'shutdown-delay-duration': {
        description: 'how long the server goes on, saying that it is not ready, before it takes no more connections',
        default: '0s',
      },
      ...securityFlags,
    },
    example:
      'steersman-apiserver --advertise-address 192.0.2.10 --etcd-servers http://192.0.2.11:2379 --tls-cert-file apiserver.crt --tls-private-key-file apiserver.key --client-ca-file ca.crt --service-account-signing-key-file sa.key',
  },
  async ({ flags, clock, random, logger }) => {
    const tls = { cert: pem(need(flags, 'tls-cert-file')), key: pem(need(flags, 'tls-private-key-file')) };
    const ca = pem(need(flags, 'client-ca-file'));
    const host = need(flags, 'bind-address');
    const dataDir = flags['data-dir'];
    const store = await createStore({
      kind: need(flags, 'store') as 'etcd',
      clock,
      endpoints: (flags['etcd-servers'] ?? '').split(',').filter(Boolean),
      ...(dataDir && { dataDir }),
    });
    return [
      new ApiServer({
        ...securityOptions(flags, { clock, random, logger }),
        ...proxyOptions(flags),
        requestsAtATime: wholeNumber(flags, 'max-requests-inflight') + wholeNumber(flags, 'max-mutating-requests-inflight'),
        requestMs: milliseconds(flags, 'request-timeout'),
        shutdownDelayMs: milliseconds(flags, 'shutdown-delay-duration'),
        store,
        clock,
        random,
        logger,
        https: { host, port: Number(flags['secure-port']), ...tls, clientCa: ca, advertiseAddress: need(flags, 'advertise-address') },
        grpc: { address: `${host}:${flags['grpc-port']}`, tls: { ca, ...tls } },
        serviceAccountKey: pem(need(flags, 'service-account-signing-key-file')),
        serviceCidr: need(flags, 'service-cluster-ip-range'),
        connectNode: nodeConnections({ ca, ...tls }),
      }),
    ];
  },
);

/** How this server proves itself to servers of aggregated APIs, and which proxies it believes. */
function proxyOptions(flags: FlagValues): Pick<ApiServerOptions, 'proxyClient' | 'requestHeader'> {
  const [cert, key, ca] = ['proxy-client-cert-file', 'proxy-client-key-file', 'requestheader-client-ca-file'].map((name) => flags[name]);
  if (Boolean(cert) !== Boolean(key)) throw new UsageError('--proxy-client-cert-file and --proxy-client-key-file are given together or not at all');
  const allowedNames = list(flags, 'requestheader-allowed-names');
  return { ...(cert && key && { proxyClient: { cert: pem(cert), key: pem(key) } }), ...(ca && { requestHeader: { ca: pem(ca), allowedNames } }) };
}

/** One gRPC connection to each kubelet, made when first needed and made anew when the node's address changes. */
function nodeConnections(identity: TlsIdentity): (node: Node) => NodeApi {
  const known = new Map<string, { address: string; api: NodeApi & { close(): void } }>();
  return ({ metadata, status }) => {
    const name = metadata.name ?? '';
    const address = `${status?.addresses?.find(({ type }) => type === 'InternalIP')?.address}:${status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250}`;
    const current = known.get(name);
    if (current?.address === address) return current.api;
    current?.api.close();
    const api = connectNode(address, clientCredentials(identity), { 'grpc.ssl_target_name_override': name });
    known.set(name, { address, api });
    return api;
  };
}
