// What a service loses when it changes its type: the fields that only the old type has, where the client left them as they were.
import { deepEqual } from '../../clone.js';
import type { Service, ServiceSpec } from '../../gen/types.js';

const hasAddress = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
const hasNodePorts = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
const isBalanced = ({ type }: ServiceSpec): boolean => type === 'LoadBalancer';
const hasHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
const isExternal = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs ?? []).length > 0);

const dependent: readonly (readonly [(spec: ServiceSpec) => boolean, readonly (keyof ServiceSpec)[]])[] = [
  [hasAddress, ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy']],
  [hasHealthCheck, ['healthCheckNodePort']],
  [isBalanced, ['allocateLoadBalancerNodePorts', 'loadBalancerClass']],
  [isExternal, ['externalTrafficPolicy']],
];

/** Drops, from a changed service, what its new type has no use for. */
export function dropTypeDependentFields(service: Service, { spec: old }: Service): void {
  const { spec, status } = service;
  if (!spec || !old) return;
  if (isBalanced(old) && !isBalanced(spec) && status) status.loadBalancer = {};
  const ports = ({ ports: list = [] }: ServiceSpec): unknown => list.map(({ nodePort }) => nodePort);
  if (hasNodePorts(old) && !hasNodePorts(spec) && deepEqual(ports(spec), ports(old))) for (const port of spec.ports ?? []) delete port.nodePort;
  const lost = dependent.filter(([applies]) => applies(old) && !applies(spec)).flatMap(([, fields]) => fields);
  for (const field of lost) if (deepEqual(spec[field], old[field])) delete spec[field];
}
