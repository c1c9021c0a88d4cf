// Variables that tell a container of the services in its namespace, and always of the API server.
// Mirrors https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
import type { Service } from '@steersman/api';
import { type NodePod, namespaceOf } from '../pods/pod.js';

const asName = (name: string): string => name.toUpperCase().replaceAll('-', '_');
const hasAddress = ({ spec }: Service): boolean => spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';

/** Go's net.JoinHostPort. */
const hostPort = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

function* variablesOf(service: Service): Generator<readonly [string, string], void, undefined> {
  const ip = service.spec?.clusterIP ?? '';
  const ports = service.spec?.ports ?? [];
  const prefix = asName(service.metadata.name ?? '');
  yield [`${prefix}_SERVICE_HOST`, ip];
  yield [`${prefix}_SERVICE_PORT`, String(ports[0]?.port ?? '')];
  for (const { name, port } of ports) if (name) yield [`${prefix}_SERVICE_PORT_${asName(name)}`, String(port)];
  for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${hostPort(ip, port)}`;
    const portPrefix = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    if (index === 0) yield [`${prefix}_PORT`, url];
    yield [portPrefix, url];
    yield [`${portPrefix}_PROTO`, protocol.toLowerCase()];
    yield [`${portPrefix}_PORT`, String(port)];
    yield [`${portPrefix}_ADDR`, ip];
  }
}

export function serviceVariables(pod: NodePod, services: (namespace: string) => readonly Service[]): Map<string, string> {
  const namespace = namespaceOf(pod);
  const chosen = new Map<string, Service>();
  for (const service of services('default')) if (service.metadata.name === 'kubernetes' && hasAddress(service)) chosen.set('kubernetes', service);
  if (pod.spec.enableServiceLinks ?? true) {
    for (const service of services(namespace)) if (hasAddress(service) && service.metadata.name) chosen.set(service.metadata.name, service);
  }
  return new Map([...chosen.values()].flatMap((service) => [...variablesOf(service)]));
}
