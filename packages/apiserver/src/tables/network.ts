// Ingresses, their classes, network policies, service ranges and addresses as tables.
import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@steersman/api';
import { ingressAddresses, labelSelectorText } from './cell-texts.js';
import { ageColumn, ageSince, column, nameColumn } from './default-columns.js';
import { columnsFor, type TableColumns } from './table-columns.js';

function hosts({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const named = rules.slice(0, 3).flatMap(({ host }) => (host ? [host] : []));
  if (named.length === 0) return '*';
  return rules.length > 3 ? `${named.join(',')} + ${rules.length - 3} more...` : named.join(',');
}

const ingresses = columnsFor<Ingress>(
  [
    nameColumn,
    column('Class', 'The name of the IngressClass resource that should be used for additional configuration'),
    column('Hosts', 'Hosts that incoming requests are matched against before the ingress rule'),
    column('Address', 'Address is a list containing ingress points for the load-balancer'),
    column('Ports', 'Ports of TLS configurations that open'),
    ageColumn,
  ],
  (ingress, nowMs) => [
    ingress.metadata.name,
    ingress.spec?.ingressClassName ?? '<none>',
    hosts(ingress),
    ingressAddresses(ingress.status?.loadBalancer),
    ingress.spec?.tls?.length ? '80, 443' : '80',
    ageSince(ingress.metadata.creationTimestamp, nowMs),
  ],
);

function parameters({ spec }: IngressClass): string {
  const reference = spec?.parameters;
  if (!reference) return '<none>';
  return `${reference.kind}${reference.apiGroup ? `.${reference.apiGroup}` : ''}/${reference.name}`;
}

const ingressClasses = columnsFor<IngressClass>(
  [
    nameColumn,
    column('Controller', 'Controller that is responsible for handling this class'),
    column('Parameters', 'A reference to a resource with additional parameters'),
    ageColumn,
  ],
  (ingressClass, nowMs) => [
    ingressClass.metadata.name,
    ingressClass.spec?.controller ?? '',
    parameters(ingressClass),
    ageSince(ingressClass.metadata.creationTimestamp, nowMs),
  ],
);

const networkPolicies = columnsFor<NetworkPolicy>(
  [
    nameColumn,
    column(
      'Pod-Selector',
      'Selects the pods to which this NetworkPolicy object applies.  The array of ingress rules is applied to any pods selected by this field. Multiple network policies can select the same set of pods.  In this case, the ingress rules for each are combined additively. This field is NOT optional and follows standard label selector semantics. An empty podSelector matches all pods in this namespace.',
    ),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [metadata.name, labelSelectorText(spec?.podSelector), ageSince(metadata.creationTimestamp, nowMs)],
);

function parentText({ spec }: IPAddress): string {
  const parent = spec?.parentRef;
  if (!parent) return '<none>';
  return [`${parent.resource}${parent.group ? `.${parent.group}` : ''}`, ...(parent.namespace ? [parent.namespace] : []), parent.name].join('/');
}

const ipAddresses = columnsFor<IPAddress>(
  [
    nameColumn,
    column('ParentRef', 'ParentRef references the resource that an IPAddress is attached to. An IPAddress must reference a parent object.'),
    ageColumn,
  ],
  (address, nowMs) => [address.metadata.name, parentText(address), ageSince(address.metadata.creationTimestamp, nowMs)],
);

const serviceCidrs = columnsFor<ServiceCIDR>(
  [
    nameColumn,
    column(
      'CIDRs',
      'CIDRs defines the IP blocks in CIDR notation (e.g. "192.168.0.0/24" or "2001:db8::/64") from which to assign service cluster IPs. Max of two CIDRs is allowed, one of each IP family. This field is immutable.',
    ),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [metadata.name, (spec?.cidrs ?? []).join(','), ageSince(metadata.creationTimestamp, nowMs)],
);

const group = 'networking.k8s.io';

export const networkTables: Readonly<Record<string, TableColumns>> = {
  [`${group}/ingresses`]: ingresses,
  [`${group}/ingressclasses`]: ingressClasses,
  [`${group}/networkpolicies`]: networkPolicies,
  [`${group}/ipaddresses`]: ipAddresses,
  [`${group}/servicecidrs`]: serviceCidrs,
};
