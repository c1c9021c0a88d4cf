// Which pods stand behind a service, and under which ports: the pure part of Endpoints and EndpointSlices.
import { conditionOf, type Endpoint, fromTime, isPodReady, isSidecar, type Pod, type Service, type ServicePort } from '@steersman/api';

export interface PodAddress {
  readonly pod: Pod;
  readonly address: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

export interface ResolvedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

const ended = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Pods with an address that a service may send to, whether ready or not. */
export function addressesOf(service: Service, pods: readonly Pod[]): PodAddress[] {
  const always = service.spec?.publishNotReadyAddresses ?? false;
  return pods.flatMap((pod) => {
    const address = pod.status?.podIP;
    if (!address || ended(pod)) return [];
    const terminating = pod.metadata.deletionTimestamp !== undefined;
    const serving = isPodReady(pod);
    return [{ pod, address, serving, terminating, ready: always || (serving && !terminating) }];
  });
}

/** A service's port as a number of this pod; undefined where the pod has no port of that name. */
export function portOn(pod: Pod, { targetPort, port, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort || port;
  if (targetPort === undefined) return port;
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar);
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    const found = container.ports?.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

export function portsOn(service: Service, pod: Pod): ResolvedPort[] {
  return (service.spec?.ports ?? []).flatMap((one) => {
    const port = portOn(pod, one);
    if (port === undefined) return [];
    return [{ name: one.name ?? '', port, protocol: one.protocol ?? 'TCP', ...(one.appProtocol && { appProtocol: one.appProtocol }) }];
  });
}

/** Whether the pod has a host name of its own under the service. */
export const hostnameFor = (service: Service, { metadata, spec }: Pod): string | undefined =>
  spec?.hostname && spec.subdomain === service.metadata.name && service.metadata.namespace === metadata.namespace ? spec.hostname : undefined;

export function endpointOf(service: Service, { pod, address, ready, serving, terminating }: PodAddress, zone: string | undefined): Endpoint {
  const hostname = hostnameFor(service, pod);
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(hostname && { hostname }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' },
    ...(zone && { zone }),
  };
}

export const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';
export const headlessLabel = 'service.kubernetes.io/headless';

export const isHeadless = ({ spec }: Service): boolean => spec?.clusterIP === 'None';

/** The instant of the latest change that the endpoints follow from, of a pod's readiness or the service's creation; 0 where none is known. */
export function triggeredAtMs(service: Service, members: readonly PodAddress[]): number {
  const readySince = members.map(({ pod }) => fromTime(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime));
  return Math.max(0, ...[...readySince, fromTime(service.metadata.creationTimestamp)].filter((time) => !Number.isNaN(time)));
}
