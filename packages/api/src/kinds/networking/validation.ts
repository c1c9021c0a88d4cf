// What is checked of NetworkPolicies, ServiceCIDRs and IPAddresses.
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { IPAddress, IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, ServiceCIDR } from '../../gen/types.js';
import { cidrContains, cidrErrors, ipErrors, isIpv6, legacyCidrErrors, parseCidr } from '../../ip.js';
import { dns1123LabelErrors, dns1123SubdomainErrors, pathSegmentErrors } from '../../names.js';
import { forEach, goStruct, invalidFor, unchanged } from '../field-checks.js';
import { portErrors } from '../pod/handler-validation.js';
import { validateSelector } from '../selector-validation.js';

const protocols = ['TCP', 'UDP', 'SCTP'];
const policyTypes = ['Ingress', 'Egress'];

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  if (!spec) return [];
  const errors = [
    ...validateSelector(spec.podSelector, 'spec.podSelector'),
    ...forEach(spec.ingress, 'spec.ingress', ({ ports, from }, at) => [
      ...forEach(ports, `${at}.ports`, policyPortErrors),
      ...forEach(from, `${at}.from`, peerErrors),
    ]),
    ...forEach(spec.egress, 'spec.egress', ({ ports, to }, at) => [
      ...forEach(ports, `${at}.ports`, policyPortErrors),
      ...forEach(to, `${at}.to`, peerErrors),
    ]),
  ];
  const types = spec.policyTypes ?? [];
  if (types.length > 2) return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')];
  return [...errors, ...forEach(types, 'spec.policyTypes', (type, at) => (policyTypes.includes(type) ? [] : [notSupported(at, type, policyTypes)]))];
}

function policyPortErrors({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = protocol !== undefined && !protocols.includes(protocol) ? [notSupported(`${path}.protocol`, protocol, protocols)] : [];
  if (port === undefined)
    return endPort === undefined ? errors : [...errors, invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is not specified')];
  errors.push(...portErrors(port, `${path}.port`));
  if (endPort === undefined) return errors;
  if (typeof port === 'string') return [...errors, invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric')];
  if (endPort < port) errors.push(invalid(`${path}.endPort`, port, 'must be greater than or equal to `port`'));
  return endPort < 1 || endPort > 65535 ? [...errors, invalid(`${path}.endPort`, endPort, 'must be between 1 and 65535, inclusive')] : errors;
}

function peerErrors({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): FieldError[] {
  const errors = [...validateSelector(podSelector, `${path}.podSelector`), ...validateSelector(namespaceSelector, `${path}.namespaceSelector`)];
  if (ipBlock) errors.push(...blockErrors(ipBlock, `${path}.ipBlock`));
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector)) errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
  return errors;
}

function blockErrors({ cidr, except }: IPBlock, path: string): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)];
  const errors = invalidFor(`${path}.cidr`, cidr, legacyCidrErrors(cidr));
  const block = parseCidr(cidr);
  if (!block) return errors;
  return [
    ...errors,
    ...forEach(except, `${path}.except`, (text, at) => {
      const hole = parseCidr(text);
      if (!hole) return invalidFor(at, text, legacyCidrErrors(text));
      const inside = cidrContains(block, hole.address) && hole.length > block.length;
      return inside ? [] : [invalid(at, text, 'must be a strict subset of `cidr`')];
    }),
  ];
}

const path = 'spec.cidrs';

export function validateServiceCidr({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(path, goStruct(spec), 'may only hold up to 2 values')];
  const errors = forEach(cidrs, path, (cidr, at) => invalidFor(at, cidr, cidrErrors(cidr)));
  const families = cidrs.map((cidr) => parseCidr(cidr)).map((block) => block && isIpv6(block.address));
  if (cidrs.length === 2 && families[0] === families[1])
    errors.push(invalid(path, cidrs, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'));
  return errors;
}

export function validateServiceCidrUpdate({ spec }: ServiceCIDR, { spec: old }: ServiceCIDR): FieldError[] {
  const [now, before] = [spec?.cidrs ?? [], old?.cidrs ?? []];
  return now.flatMap((cidr, index) => (before[index] === undefined ? [] : unchanged(`${path}[${index}]`, cidr, before[index])));
}

/** IPAddresses are named after the address. */
export const addressName = (name: string): string[] => ipErrors(name);

export function validateIpAddress({ spec }: IPAddress): FieldError[] {
  const parent = spec?.parentRef;
  const at = 'spec.parentRef';
  if (!parent) return [required(at)];
  const errors: FieldError[] = [];
  if (parent.group) errors.push(...invalidFor(`${at}.group`, parent.group, dns1123SubdomainErrors(parent.group)));
  for (const field of ['resource', 'name'] as const) {
    const value = parent[field];
    errors.push(...(value ? invalidFor(`${at}.${field}`, value, pathSegmentErrors(value)) : [required(`${at}.${field}`)]));
  }
  return parent.namespace ? [...errors, ...invalidFor(`${at}.namespace`, parent.namespace, dns1123LabelErrors(parent.namespace))] : errors;
}

export const validateIpAddressUpdate = (address: IPAddress, old: IPAddress): FieldError[] =>
  unchanged('spec.parentRef', address.spec?.parentRef, old.spec?.parentRef);
