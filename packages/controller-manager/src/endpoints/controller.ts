// Endpoints: the older form of EndpointSlices, one object a service.
import {
  type Clock,
  deepEqual,
  type EndpointAddress,
  type EndpointSubset,
  type Endpoints,
  ignoreNotFound,
  isDeleting,
  type KubernetesObject,
  type Service,
  toTime,
} from '@steersman/api';
import type { Client, InformerEvent, InformerFactory } from '@steersman/client';
import { podsOf, servicesOf } from '../endpointslices/controller.js';
import {
  addressesOf,
  headlessLabel,
  hostnameFor,
  isHeadless,
  type PodAddress,
  portsOn,
  triggerAnnotation,
  triggeredAtMs,
} from '../endpointslices/endpoints-of-service.js';
import { type Controller, done, type Result } from '../runtime/controller.js';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const maxAddresses = 1000;

export class EndpointsController implements Controller<'Service'> {
  readonly name = 'endpoint';
  readonly watches = 'Service';
  readonly related;

  constructor(private readonly tools: { client: Client; informers: InformerFactory; clock: Clock }) {
    this.related = [
      { kind: 'Pod' as const, keysOf: (event: InformerEvent<KubernetesObject>) => servicesOf(tools.informers, event) },
      {
        kind: 'Endpoints' as const,
        keysOf: ({ type, object }: InformerEvent<KubernetesObject>) =>
          type === 'delete' ? [`${object.metadata?.namespace}/${object.metadata?.name}`] : [],
      },
    ];
  }

  async removed(key: string): Promise<Result> {
    const [namespace = '', name = ''] = key.split('/');
    const existing = this.tools.informers.of('Endpoints').lister.get(namespace, name);
    if (existing?.metadata.labels?.[managedByLabel] === undefined) return done;
    await this.tools.client.delete('Endpoints', { namespace, name }).catch(ignoreNotFound);
    return done;
  }

  async reconcile(service: Service): Promise<Result> {
    if (!service.spec?.selector || service.spec.type === 'ExternalName' || isDeleting(service)) return done;
    const { client, informers } = this.tools;
    const { namespace = '', name = '' } = service.metadata;
    const members = addressesOf(service, podsOf(informers, service)).filter(({ pod, ready }) => ready || !pod.metadata.deletionTimestamp);
    const subsets = subsetsOf(service, members).slice(0, maxAddresses);
    const labels = {
      ...service.metadata.labels,
      [managedByLabel]: 'endpoint-controller',
      ...(isHeadless(service) && { [headlessLabel]: '' }),
    };
    const current = informers.of('Endpoints').lister.get(namespace, name);
    if (current && deepEqual(current.subsets ?? [], subsets) && deepEqual(labels, current.metadata.labels ?? {})) return done;
    const annotations = { ...current?.metadata.annotations, [triggerAnnotation]: toTime(triggeredAtMs(service, members)) };
    const content = { ...(subsets.length && { subsets }) };
    if (current) {
      const { subsets: _, ...rest } = current;
      await client.update<Endpoints>({ ...rest, metadata: { ...current.metadata, labels, annotations }, ...content });
    } else await client.create<Endpoints>({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace, labels, annotations }, ...content });
    return done;
  }
}

function subsetsOf(service: Service, members: readonly PodAddress[]): EndpointSubset[] {
  const groups = new Map<string, { ports: EndpointSubset['ports']; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const member of members) {
    const ports = portsOn(service, member.pod);
    if (ports.length === 0 && (service.spec?.ports ?? []).length > 0) continue;
    const key = JSON.stringify(ports);
    const group = groups.get(key) ?? { ports: ports.map(({ name, ...rest }) => ({ ...(name && { name }), ...rest })), ready: [], notReady: [] };
    groups.set(key, group);
    (member.ready ? group.ready : group.notReady).push(addressOf(service, member));
  }
  return [...groups.values()].map(({ ports, ready, notReady }) => ({
    ...(ready.length && { addresses: byAddress(ready) }),
    ...(notReady.length && { notReadyAddresses: byAddress(notReady) }),
    ...(ports?.length && { ports: [...ports].sort((a, b) => (a.name ?? '').localeCompare(b.name ?? '') || a.port - b.port) }),
  }));
}

const byAddress = (addresses: EndpointAddress[]): EndpointAddress[] => addresses.sort((a, b) => a.ip.localeCompare(b.ip));

function addressOf(service: Service, { pod, address }: PodAddress): EndpointAddress {
  const hostname = hostnameFor(service, pod);
  return {
    ip: address,
    ...(hostname && { hostname }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' },
  };
}
