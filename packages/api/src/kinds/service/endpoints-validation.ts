// What is checked of Endpoints and EndpointSlices.
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../field-error.js';
import type { DiscoveryEndpointPort, EndpointAddress, EndpointPort, EndpointSlice, Endpoints } from '../../gen/types.js';
import { ipErrors, isIpv6, parseIp } from '../../ip.js';
import { dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, portNumberErrors, qualifiedNameErrors } from '../../names.js';
import { forEach, invalidFor, requiredOneOf, unchanged } from '../field-checks.js';
import { specialIpErrors } from './special-ip.js';

const protocols = ['SCTP', 'TCP', 'UDP'];

export function validateEndpoints({ subsets }: Endpoints): FieldError[] {
  return forEach(subsets, 'subsets', ({ addresses, notReadyAddresses, ports }, at) => [
    ...(addresses?.length || notReadyAddresses?.length ? [] : [required(at, 'must specify `addresses` or `notReadyAddresses`')]),
    ...forEach(addresses, `${at}.addresses`, addressErrors),
    ...forEach(notReadyAddresses, `${at}.notReadyAddresses`, addressErrors),
    ...forEach(ports, `${at}.ports`, (port, place) => portErrors(port, place, (ports ?? []).length > 1)),
  ]);
}

function addressErrors({ ip, hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  const errors = invalidFor(`${path}.ip`, ip, ipErrors(ip));
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, dns1123LabelErrors(hostname)));
  if (nodeName !== undefined) errors.push(...invalidFor(`${path}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName)));
  return [...errors, ...specialIpErrors(ip, `${path}.ip`)];
}

function portErrors({ name, port, protocol, appProtocol }: EndpointPort, path: string, named: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!name && named) errors.push(required(`${path}.name`));
  else if (name) errors.push(...invalidFor(`${path}.name`, name, dns1123LabelErrors(name)));
  errors.push(...invalidFor(`${path}.port`, port, portNumberErrors(port)), ...requiredOneOf(`${path}.protocol`, protocol, protocols));
  return appProtocol === undefined ? errors : [...errors, ...invalidFor(`${path}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))];
}

const [maxEndpoints, maxAddresses, maxPorts, maxZoneHints] = [1000, 100, 20_000, 8];
const addressTypes = ['FQDN', 'IPv4', 'IPv6'];

export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  const { addressType, endpoints, ports } = slice;
  const errors = requiredOneOf('addressType', addressType, addressTypes);
  if ((endpoints ?? []).length > maxEndpoints) errors.push(tooMany('endpoints', endpoints!.length, maxEndpoints));
  else errors.push(...forEach(endpoints, 'endpoints', (endpoint, at) => endpointErrors(endpoint, addressType, at)));
  if ((ports ?? []).length > maxPorts) return [...errors, tooMany('ports', ports!.length, maxPorts)];
  return [...errors, ...slicePortsErrors(ports)];
}

function endpointErrors(endpoint: NonNullable<EndpointSlice['endpoints']>[number], addressType: string, path: string): FieldError[] {
  const { hostname, nodeName, zone, deprecatedTopology = {}, hints } = endpoint;
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
  if (addresses.length > maxAddresses) errors.push(tooMany(`${path}.addresses`, addresses.length, maxAddresses));
  errors.push(...forEach(addresses, `${path}.addresses`, (address, at) => sliceAddressErrors(address, addressType, at)));
  if (nodeName !== undefined) errors.push(...invalidFor(`${path}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName)));
  for (const [key, value] of Object.entries(deprecatedTopology))
    errors.push(
      ...invalidFor(`${path}.deprecatedTopology`, key, qualifiedNameErrors(key)),
      ...invalidFor(`${path}.deprecatedTopology`, value, labelValueErrors(value)),
    );
  if (hostname !== undefined) errors.push(...invalidFor(`${path}.hostname`, hostname, dns1123LabelErrors(hostname)));
  if (zone !== undefined && zone === '') errors.push(...invalidFor(`${path}.zone`, zone, labelValueErrors(zone)));
  for (const kind of ['forZones', 'forNodes'] as const) {
    const list = hints?.[kind] ?? [];
    const at = `${path}.hints.${kind}`;
    if (list.length > maxZoneHints) errors.push(tooMany(at, list.length, maxZoneHints));
    const seen = new Set<string>();
    errors.push(
      ...forEach(list, at, ({ name }, one) => {
        const again = seen.has(name) ? [duplicate(`${one}.name`, name)] : [];
        seen.add(name);
        if (again.length > 0) return again;
        return invalidFor(`${one}.name`, name, kind === 'forZones' ? labelValueErrors(name) : dns1123SubdomainErrors(name));
      }),
    );
  }
  return errors;
}

function sliceAddressErrors(address: string, addressType: string, path: string): FieldError[] {
  if (addressType === 'FQDN') {
    const name = address.replace(/\.$/, '');
    const errors = invalidFor(path, address, dns1123SubdomainErrors(name));
    return errors.length === 0 && name.split('.').length < 2
      ? [invalid(path, address, 'should be a domain with at least two segments separated by dots')]
      : errors;
  }
  if (!addressTypes.includes(addressType)) return [];
  const ip = parseIp(address);
  const errors = invalidFor(path, address, ipErrors(address));
  if (errors.length > 0 || !ip) return errors;
  if (isIpv6(ip) !== (addressType === 'IPv6')) return [invalid(path.replace(/\[\d+\]$/, ''), address, `must be an ${addressType} address`)];
  return specialIpErrors(address, path);
}

function slicePortsErrors(ports: readonly DiscoveryEndpointPort[] | undefined): FieldError[] {
  const names = new Set<string>();
  return forEach(ports, 'ports', ({ name = '', protocol, appProtocol }, at) => {
    const errors = name ? invalidFor(`${at}.name`, name, dns1123LabelErrors(name)) : [];
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (protocol === undefined) errors.push(required(`${at}.protocol`));
    else if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols));
    return appProtocol === undefined ? errors : [...errors, ...invalidFor(`${at}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))];
  });
}

export const validateEndpointSliceUpdate = (slice: EndpointSlice, old: EndpointSlice): FieldError[] => [
  ...validateEndpointSlice(slice),
  ...unchanged('addressType', slice.addressType, old.addressType),
];
