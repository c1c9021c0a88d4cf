// EndpointSlices: the addresses behind each service with a selector, at most a hundred a slice.
// Mirrors https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/
import {
  type Clock,
  controllerReference,
  deepEqual,
  type EndpointSlice,
  ignoreNotFound,
  isDeleting,
  type KubernetesObject,
  labelSelectorMatches,
  type Pod,
  type Service,
  toTime,
} from '@steersman/api';
import { type Client, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';
import {
  addressesOf,
  endpointOf,
  headlessLabel,
  isHeadless,
  type PodAddress,
  portsOn,
  type ResolvedPort,
  triggerAnnotation,
  triggeredAtMs,
} from './endpoints-of-service.js';

const maxEndpoints = 100;
const managedBy = 'endpointslice-controller.k8s.io';
const serviceLabel = 'kubernetes.io/service-name';
const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** Services that select a pod. */
export function servicesOf(informers: InformerFactory, { object, ...event }: InformerEvent<KubernetesObject>): string[] {
  const old = event.type === 'apply' ? (event as { old?: KubernetesObject }).old : undefined;
  const labelled = [object, ...(old ? [old] : [])];
  return informers
    .of('Service')
    .lister.list(object.metadata?.namespace)
    .filter(
      ({ spec }) =>
        spec?.selector && labelled.some(({ metadata }) => labelSelectorMatches({ matchLabels: spec.selector ?? {} }, metadata?.labels ?? {})),
    )
    .map(keyOf);
}

export const podsOf = (informers: InformerFactory, { metadata, spec }: Service): Pod[] =>
  informers
    .of('Pod')
    .lister.list(metadata.namespace)
    .filter((pod) => labelSelectorMatches({ matchLabels: spec?.selector ?? {} }, pod.metadata.labels ?? {}));

export class EndpointSliceController implements Controller<'Service'> {
  readonly name = 'endpointslice';
  readonly watches = 'Service';
  readonly related;

  constructor(private readonly tools: { client: Client; informers: InformerFactory; clock: Clock }) {
    this.related = [
      { kind: 'Pod' as const, keysOf: (event: InformerEvent<KubernetesObject>) => servicesOf(tools.informers, event) },
      {
        kind: 'EndpointSlice' as const,
        keysOf: ({ object }: InformerEvent<KubernetesObject>) => {
          const service = object.metadata?.labels?.[serviceLabel];
          return service && object.metadata?.labels?.[managedByLabel] === managedBy ? [`${object.metadata.namespace}/${service}`] : [];
        },
      },
    ];
  }

  async reconcile(service: Service): Promise<Result> {
    if (!service.spec?.selector || service.spec.type === 'ExternalName' || isDeleting(service)) return done;
    const { client, informers } = this.tools;
    const existing = this.slicesOf(service);
    const groups = groupByPorts(service, addressesOf(service, podsOf(informers, service)));
    if (groups.length === 0) groups.push({ ports: [], members: [] });
    const free = [...existing];
    for (const { ports, members } of groups) {
      for (let start = 0; start === 0 || start < members.length; start += maxEndpoints) {
        const chunk = members.slice(start, start + maxEndpoints);
        const reuse = free.findIndex((slice) => samePorts(slice, ports));
        const [current] = reuse >= 0 ? free.splice(reuse, 1) : free.length > groups.length ? free.splice(0, 1) : [];
        await this.write(service, { ports, members: chunk, current });
      }
    }
    for (const slice of free)
      await client.delete('EndpointSlice', { namespace: slice.metadata.namespace, name: slice.metadata.name ?? '' }).catch(ignoreNotFound);
    return done;
  }

  private slicesOf(service: Service): EndpointSlice[] {
    return this.tools.informers
      .of('EndpointSlice')
      .lister.list(service.metadata.namespace)
      .filter(
        ({ metadata }) =>
          metadata.labels?.[serviceLabel] === service.metadata.name && metadata.labels?.[managedByLabel] === managedBy && !metadata.deletionTimestamp,
      );
  }

  private async write(
    service: Service,
    { ports, members, current }: { ports: readonly ResolvedPort[]; members: readonly PodAddress[]; current: EndpointSlice | undefined },
  ): Promise<void> {
    const { client, informers } = this.tools;
    const zoneOf = (pod: Pod): string | undefined =>
      informers.of('Node').lister.get('', pod.spec?.nodeName ?? '')?.metadata.labels?.['topology.kubernetes.io/zone'];
    const before = new Map((current?.endpoints ?? []).map((endpoint) => [endpoint.targetRef?.uid, endpoint]));
    const wanted = members.map((member) => endpointOf(service, member, zoneOf(member.pod)));
    const kept = (current?.endpoints ?? []).flatMap(({ targetRef }) => wanted.find((endpoint) => endpoint.targetRef?.uid === targetRef?.uid) ?? []);
    const endpoints = [...kept, ...wanted.filter(({ targetRef }) => !before.has(targetRef?.uid))];
    const labels = labelsFor(service);
    const triggeredMs = triggeredAtMs(service, members);
    const desired = {
      labels,
      endpoints: endpoints.length ? endpoints : null,
      ports: ports.length
        ? ports.map(({ name, port, protocol, appProtocol }) => ({ name, port, protocol, ...(appProtocol && { appProtocol }) }))
        : null,
    };
    if (current && deepEqual(desired, { labels: current.metadata.labels, endpoints: current.endpoints ?? null, ports: current.ports ?? null }))
      return;
    const annotations = triggeredMs > 0 ? { [triggerAnnotation]: toTime(triggeredMs) } : undefined;
    const content = {
      addressType: 'IPv4',
      ...(desired.endpoints && { endpoints: desired.endpoints }),
      ...(desired.ports && { ports: desired.ports }),
    };
    if (current) {
      const { annotations: _, ...metadata } = current.metadata;
      const { endpoints: _endpoints, ports: _ports, ...rest } = current;
      await client.update({ ...rest, ...content, metadata: { ...metadata, labels, ...(annotations && { annotations }) } });
      return;
    }
    await client.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace ?? '',
        labels,
        ...(annotations && { annotations }),
        ownerReferences: [controllerReference(service) as never],
      },
      ...content,
    });
  }
}

function labelsFor(service: Service): { [key: string]: string } {
  return {
    ...service.metadata.labels,
    ...(isHeadless(service) && { [headlessLabel]: '' }),
    [managedByLabel]: managedBy,
    [serviceLabel]: service.metadata.name ?? '',
  };
}

const samePorts = (slice: EndpointSlice, ports: readonly ResolvedPort[]): boolean =>
  portsKey((slice.ports ?? []) as ResolvedPort[]) === portsKey(ports);

const portsKey = (ports: readonly ResolvedPort[]): string =>
  ports
    .map(({ name, port, protocol, appProtocol }) => `${name}/${port}/${protocol}/${appProtocol ?? ''}`)
    .sort()
    .join(',');

/** Pods that give the service's ports the same numbers share slices. */
function groupByPorts(service: Service, members: readonly PodAddress[]): { ports: ResolvedPort[]; members: PodAddress[] }[] {
  const groups = new Map<string, { ports: ResolvedPort[]; members: PodAddress[] }>();
  for (const member of members) {
    const ports = portsOn(service, member.pod);
    const key = portsKey(ports);
    const group = groups.get(key);
    if (group) group.members.push(member);
    else groups.set(key, { ports, members: [member] });
  }
  return [...groups.values()];
}
