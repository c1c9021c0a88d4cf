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
  const slices = registry
    .stored('discovery.k8s.io', 'endpointslices')
    .cache.list(namespace)
    .map(({ object }) => object as unknown as EndpointSlice)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  const targets = slices.flatMap((slice) => {
    const number = slice.ports?.find((one) => (one.name ?? '') === (chosen.name ?? ''))?.port;
    return number === undefined
      ? []
      : (slice.endpoints ?? [])
          .filter(({ conditions }) => conditions?.ready !== false)
          .flatMap(({ addresses }) => addresses.map((host) => ({ host, port: number })));
  });
  const target = targets[Math.floor(random.number() * targets.length)];
  if (!target) throw serviceUnavailable(`no endpoints available for service "${name}"`);
  return target;
}
