// What is checked of Services, as far as it needs no address or port from the server.
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { Service, ServicePort, ServiceSpec } from '../../gen/types.js';
import { legacyCidrErrors, legacyIpErrors, parseIp } from '../../ip.js';
import { dns1123LabelErrors, dns1123SubdomainErrors, portNameErrors, portNumberErrors, qualifiedNameErrors } from '../../names.js';
import { forEach, goStruct, invalidFor, oneOf, requiredOneOf, unchanged } from '../field-checks.js';
import { validateLabels } from '../object-meta/validation.js';
import { loadBalancerStatusErrors } from './load-balancer-validation.js';
import { specialIpErrors } from './special-ip.js';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const onlyLoadBalancers = "may only be used when `type` is 'LoadBalancer'";
const longestAffinity = 86_400;

export function validateService({ spec }: Service): FieldError[] {
  if (!spec) return [];
  const { type = '', ports = [] } = spec;
  const errors = [
    ...portsPresence(spec),
    ...clusterAddressErrors(spec),
    ...forEach(ports, 'spec.ports', (port, at) => portErrors(port, at, ports.length > 1)),
  ];
  errors.push(...validateLabels(spec.selector, 'spec.selector'), ...affinityErrors(spec), ...requiredOneOf('spec.type', type, types));
  errors.push(...uniquePortsErrors(ports), ...externalErrors(spec), ...loadBalancerErrors(spec), ...familiesErrors(spec));
  errors.push(...oneOf('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose', 'PreferSameZone', 'PreferSameNode']));
  return errors;
}

function portsPresence({ type, ports = [], clusterIP, externalName }: ServiceSpec): FieldError[] {
  if (type === 'ExternalName') {
    const errors = clusterIP && clusterIP !== 'None' ? [forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services')] : [];
    if (!externalName) return [...errors, required('spec.externalName')];
    return [...errors, ...invalidFor('spec.externalName', externalName, dns1123SubdomainErrors(externalName.replace(/\.$/, '')))];
  }
  if (clusterIP === 'None' && (type === 'NodePort' || type === 'LoadBalancer'))
    return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)];
  return ports.length === 0 && clusterIP !== 'None' ? [required('spec.ports')] : [];
}

/** The addresses that a client asks for; those that the server gives pass of themselves. */
function clusterAddressErrors({ type, clusterIP = '', clusterIPs = [] }: ServiceSpec): FieldError[] {
  if (type === 'ExternalName') return [];
  const path = 'spec.clusterIPs';
  const errors: FieldError[] = [];
  if (clusterIP === '' && clusterIPs.length > 0) return [invalid(path, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) errors.push(invalid(path, clusterIPs, 'first value must match `clusterIP`'));
  const addresses = clusterIPs.length > 0 ? clusterIPs : clusterIP ? [clusterIP] : [];
  if (addresses.includes('None')) {
    if (addresses.length > 1) errors.push(invalid(path, addresses, "'None' must be the first and only value"));
  } else errors.push(...forEach(addresses, path, (address, at) => invalidFor(at, address, legacyIpErrors(address))));
  if (addresses.length > 2) errors.push(invalid(path, addresses, 'may only hold up to 2 values'));
  const families = addresses.map((address) => parseIp(address)?.bytes.length);
  if (addresses.length === 2 && families[0] === families[1] && families[0] !== undefined)
    errors.push(invalid(path, addresses, 'may specify no more than one IP for each IP family'));
  return errors;
}

function portErrors({ name, port, protocol, targetPort, appProtocol }: ServicePort, at: string, named: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!name && named) errors.push(required(`${at}.name`));
  else if (name) errors.push(...invalidFor(`${at}.name`, name, dns1123LabelErrors(name)));
  errors.push(...invalidFor(`${at}.port`, port, portNumberErrors(port)), ...requiredOneOf(`${at}.protocol`, protocol, protocols));
  if (typeof targetPort === 'number') errors.push(...invalidFor(`${at}.targetPort`, targetPort, portNumberErrors(targetPort)));
  else if (targetPort !== undefined) errors.push(...invalidFor(`${at}.targetPort`, targetPort, portNameErrors(targetPort)));
  return appProtocol === undefined ? errors : [...errors, ...invalidFor(`${at}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))];
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const errors = requiredOneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig) return [...errors, forbiddenField(path, 'must not be set when session affinity is None')];
  const timeout = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity !== 'ClientIP' || timeout === undefined || (timeout > 0 && timeout <= longestAffinity)) return errors;
  return [...errors, invalid(`${path}.clientIP.timeoutSeconds`, timeout, `must be greater than 0 and less than ${longestAffinity}`)];
}

function uniquePortsErrors(ports: readonly ServicePort[]): FieldError[] {
  const [names, numbers] = [new Set<string>(), new Set<string>()];
  return forEach(ports, 'spec.ports', ({ name, protocol, port }, at) => {
    const errors: FieldError[] = [];
    if (name && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    if (name) names.add(name);
    if (numbers.has(`${protocol}/${port}`)) errors.push(duplicate(at, goStruct({ protocol, port })));
    numbers.add(`${protocol}/${port}`);
    return errors;
  });
}

const isExternal = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs ?? []).length > 0);

function externalErrors(spec: ServiceSpec): FieldError[] {
  const { type, ports, externalIPs, externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort } = spec;
  const errors = forEach(externalIPs, 'spec.externalIPs', (ip, at) => {
    const wrong = invalidFor(at, ip, legacyIpErrors(ip));
    return wrong.length > 0 ? wrong : specialIpErrors(ip, at);
  });
  if (type === 'ClusterIP')
    errors.push(
      ...forEach(ports, 'spec.ports', ({ nodePort }, at) =>
        nodePort ? [forbiddenField(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : [],
      ),
    );
  const path = 'spec.externalTrafficPolicy';
  if (externalTrafficPolicy && !isExternal(spec))
    errors.push(invalid(path, externalTrafficPolicy, 'may only be set for externally-accessible services'));
  else if (isExternal(spec)) errors.push(...requiredOneOf(path, externalTrafficPolicy, ['Cluster', 'Local']));
  if (types.includes(type ?? '') && type !== 'ExternalName')
    errors.push(...requiredOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, ['Cluster', 'Local']));
  const needsCheck = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  if (healthCheckNodePort && !needsCheck)
    errors.push(
      invalid(
        'spec.healthCheckNodePort',
        healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  else if (healthCheckNodePort) errors.push(...invalidFor('spec.healthCheckNodePort', healthCheckNodePort, portNumberErrors(healthCheckNodePort)));
  return errors;
}

function loadBalancerErrors({ type, loadBalancerClass, allocateLoadBalancerNodePorts, loadBalancerSourceRanges }: ServiceSpec): FieldError[] {
  const balanced = type === 'LoadBalancer';
  const errors: FieldError[] = [];
  const ranges = 'spec.LoadBalancerSourceRanges';
  if (loadBalancerSourceRanges?.length) {
    if (!balanced) errors.push(forbiddenField(ranges, onlyLoadBalancers));
    errors.push(...forEach(loadBalancerSourceRanges, ranges, (range, at) => invalidFor(at, range, legacyCidrErrors(range.trim()))));
  }
  if (balanced && allocateLoadBalancerNodePorts === undefined) errors.push(required('spec.allocateLoadBalancerNodePorts'));
  if (!balanced && allocateLoadBalancerNodePorts !== undefined) errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', onlyLoadBalancers));
  if (loadBalancerClass === undefined) return errors;
  if (!balanced) errors.push(forbiddenField('spec.loadBalancerClass', onlyLoadBalancers));
  return [...errors, ...invalidFor('spec.loadBalancerClass', loadBalancerClass, qualifiedNameErrors(loadBalancerClass))];
}

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

function familiesErrors({ type, ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (type === 'ExternalName') {
    if (ipFamilyPolicy !== undefined) errors.push(forbiddenField('spec.ipFamilyPolicy', 'may not be set for ExternalName services'));
    if (ipFamilies.length > 0) errors.push(forbiddenField('spec.ipFamilies', 'may not be set for ExternalName services'));
    return errors;
  }
  errors.push(
    ...forEach(ipFamilies, 'spec.ipFamilies', (family, at, index) => [
      ...(families.includes(family) ? [] : [notSupported(at, family, families)]),
      ...(ipFamilies.indexOf(family) < index ? [duplicate(at, family)] : []),
    ]),
    ...oneOf('spec.ipFamilyPolicy', ipFamilyPolicy, familyPolicies),
  );
  if (ipFamilyPolicy === 'SingleStack' && ipFamilies.length > 1)
    errors.push(
      invalid('spec.ipFamilyPolicy', ipFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"),
    );
  return errors;
}

/** Addresses stay as long as the service keeps a type that has one. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const [spec, before] = [service.spec, old.spec];
  const errors = validateService(service);
  if (!spec || !before) return errors;
  const addressed = spec.type !== 'ExternalName' && before.type !== 'ExternalName';
  if (addressed && before.clusterIP && spec.clusterIP && before.clusterIP !== spec.clusterIP)
    errors.push(invalid('spec.clusterIPs[0]', spec.clusterIPs ?? [spec.clusterIP], 'may not change once set'));
  if (addressed && before.ipFamilies?.[0] && spec.ipFamilies?.[0] && before.ipFamilies[0] !== spec.ipFamilies[0])
    errors.push(invalid('spec.ipFamilies[0]', spec.ipFamilies[0], 'may not change once set'));
  if (before.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && before.loadBalancerClass !== undefined)
    errors.push(
      ...unchanged('spec.loadBalancerClass', spec.loadBalancerClass, before.loadBalancerClass).map((error) => ({
        ...error,
        message: error.message.replace('field is immutable', 'may not change once set'),
      })),
    );
  return errors;
}

/** What holds when the load balancer's controller reports. */
export const validateServiceStatus = ({ spec, status }: Service): FieldError[] =>
  status?.loadBalancer ? loadBalancerStatusErrors(status.loadBalancer, spec ?? {}, 'status.loadBalancer') : [];
