// An address behind a service: one of its ready endpoints, taken at random.
import { type EndpointSlice, notFound, type Random, type Service, serviceUnavailable } from '@steersman/api';
import type { Registry } from '../registry/registry.js';

export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** Its name or number; the first one where it is empty. */
  readonly port: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Throws 404 where there is no such service, 503 where nothing stands behind it. */
export function serviceEndpoint(
  { registry, random }: { readonly registry: Registry; readonly random: Random },
  { namespace, name, port }: ServicePort,
): Endpoint {
  const service = registry.stored('', 'services').peek(namespace, name)?.object as unknown as Service | undefined;
  if (!service) throw notFound({ group: '', resource: 'services' }, name);
  if (service.spec?.type === 'ExternalName' && service.spec.externalName) return { host: service.spec.externalName, port: Number(port) || 443 };
  const chosen = service.spec?.ports?.find((one) => (port === '' ? true : one.name === port || String(one.port) === port));
  if (!chosen) throw serviceUnavailable(`no service port "${port}" found for service "${name}"`);
  const { targets } = endpointsOf(registry, { namespace, name, portName: chosen.name ?? '' });
  const target = targets[Math.floor(random.number() * targets.length)];
  if (!target) throw serviceUnavailable(`no endpoints available for service "${name}"`);
  return target;
}

/** The ready addresses behind a port of a service, and how many slices there are in all. */
export function endpointsOf(
  registry: Registry,
  { namespace, name, portName }: { readonly namespace: string; readonly name: string; readonly portName: string },
): { readonly slices: number; readonly targets: readonly Endpoint[] } {
  const slices = registry
    .stored('discovery.k8s.io', 'endpointslices')
    .cache.list(namespace)
    .map(({ object }) => object as unknown as EndpointSlice)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  const targets = slices.flatMap(({ ports, endpoints }) => {
    const number = ports?.find((one) => (one.name ?? '') === portName)?.port;
    const ready = number === undefined ? [] : (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
    return ready.flatMap(({ addresses }) => addresses.map((host) => ({ host, port: number! })));
  });
  return { slices: slices.length, targets };
}
