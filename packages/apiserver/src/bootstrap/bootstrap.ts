// What every cluster has from its first second: the system's namespaces, roles and bindings, priority classes, the service of the API.
import { readFileSync } from 'node:fs';
import { conditionOf, ignoreNotFound, isAlreadyExists, isConflict, type KubernetesObject, resourceByKind, setCondition } from '@steersman/api';
import type { Client } from '@steersman/client';
import type { ApiHandler } from '../handler/api-handler.js';
import { completed, leadsElsewhere } from './policy-reconciliation.js';

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const policyFiles = ['cluster-roles', 'cluster-role-bindings', 'roles', 'role-bindings'];

const policy = (name: string): KubernetesObject[] =>
  JSON.parse(readFileSync(new URL(`../../policy/${name}.json`, import.meta.url), 'utf8')) as KubernetesObject[];

const priorityClasses = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
];

export interface BootstrapOptions {
  readonly handler: ApiHandler;
  /** The API as the server itself. */
  readonly client: Client;
  /** The first address of the service range: the API's own. */
  readonly serviceAddress: string;
  readonly serviceCidr: string;
  readonly advertise: { readonly address: string; readonly port: number };
}

/** Creates what is missing; what is there stays as it is, but the endpoints of the API follow its address. */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { client } = options;
  const { registry } = options.handler.tools;
  const ensure = async (object: KubernetesObject): Promise<void> => {
    const info = resourceByKind(object.apiVersion ?? '', object.kind ?? '');
    if (info && registry.stored(info.group, info.resource).peek(object.metadata?.namespace, object.metadata?.name ?? '')) return;
    await client.create(object as never).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  };
  await Promise.all(namespaces.map((name) => ensure({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  await Promise.all(policyFiles.flatMap(policy).map((wanted) => reconcilePolicy(options, wanted, ensure)));
  await Promise.all(
    priorityClasses.map(({ name, ...rest }) =>
      ensure({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, ...rest } as KubernetesObject),
    ),
  );
  await ensure({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [options.serviceCidr] },
  } as KubernetesObject);
  await declareReady(options);
  await publishApi(options, ensure);
}

/** Makes a default role or binding, or adds to it what it lacks. */
async function reconcilePolicy(
  { client, handler }: BootstrapOptions,
  wanted: KubernetesObject,
  ensure: (object: KubernetesObject) => Promise<void>,
): Promise<void> {
  const info = resourceByKind(wanted.apiVersion ?? '', wanted.kind ?? '')!;
  const { namespace, name = '' } = wanted.metadata ?? {};
  const existing = handler.tools.registry.stored(info.group, info.resource).peek(namespace, name)?.object;
  if (!existing) return ensure(wanted);
  if (leadsElsewhere(existing as never, wanted as never)) {
    await client.delete(info.kind as 'RoleBinding', { name, namespace: namespace ?? '' }).catch(ignoreNotFound);
    return void (await client.create(wanted as never));
  }
  const complete = completed(existing as never, wanted as never);
  // Another server may be at it, too: one of them is enough.
  if (complete !== existing)
    await client.update(complete as never).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
    });
}

/** The server's own range can be had at once, whether or not a controller looks after ranges. */
async function declareReady({ client, handler }: BootstrapOptions): Promise<void> {
  const range = await client.get('ServiceCIDR', { name: 'kubernetes' });
  if (conditionOf(range.status?.conditions, 'Ready')) return;
  const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes default Service CIDR is ready', lastTransitionTime: '' };
  await client.updateStatus(range, { ...range.status, conditions: [...setCondition(range.status?.conditions, ready, handler.tools.clock.now())] });
}

async function publishApi(
  { client, serviceAddress, advertise, handler }: BootstrapOptions,
  ensure: (object: KubernetesObject) => Promise<void>,
): Promise<void> {
  const metadata = { name: 'kubernetes', namespace: 'default' };
  await ensure({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: serviceAddress,
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: advertise.port }],
    },
  } as KubernetesObject);
  const ports = [{ name: 'https', protocol: 'TCP', port: advertise.port }];
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: advertise.address }], ports }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [advertise.address], conditions: { ready: true } }],
      ports,
    },
  ];
  for (const object of objects) {
    const info = resourceByKind(object.apiVersion, object.kind)!;
    const existing = handler.tools.registry.stored(info.group, info.resource).peek(metadata.namespace, metadata.name);
    if (existing) await client.update({ ...existing.object, ...object, metadata: { ...existing.object.metadata, ...object.metadata } } as never);
    else await client.create(object as never);
  }
}
