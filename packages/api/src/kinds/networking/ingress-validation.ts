// What is checked of Ingresses and IngressClasses.
import { deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass, IngressRule } from '../../gen/types.js';
import { legacyIpErrors, parseIp } from '../../ip.js';
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  portNameErrors,
  portNumberErrors,
  wildcardSubdomainErrors,
} from '../../names.js';
import { domainPathErrors } from '../domain-path.js';
import { forEach, invalidFor } from '../field-checks.js';
import { balancerHostErrors } from '../service/load-balancer-validation.js';

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];
const sequences = ['//', '/./', '/../', '%2f', '%2F'];
const endings = ['/..', '/.'];
const classAnnotation = 'kubernetes.io/ingress.class';

export function validateIngress({ metadata, spec }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const { rules, defaultBackend, ingressClassName, tls } = spec ?? {};
  if (!rules?.length && !defaultBackend) errors.push(invalid('spec', null, 'either `defaultBackend` or `rules` must be specified'));
  if (defaultBackend) errors.push(...backendErrors(defaultBackend, 'spec.defaultBackend'));
  errors.push(...forEach(rules, 'spec.rules', ruleErrors));
  errors.push(
    ...forEach(tls, 'spec.tls', ({ hosts, secretName }, at) => [
      ...forEach(hosts, `${at}.hosts`, hostErrors),
      ...(secretName ? invalidFor(`${at}.secretName`, secretName, dns1123SubdomainErrors(secretName)) : []),
    ]),
  );
  if (ingressClassName !== undefined) errors.push(...invalidFor('spec.ingressClassName', ingressClassName, dns1123SubdomainErrors(ingressClassName)));
  const annotated = metadata.annotations?.[classAnnotation];
  if (annotated !== undefined && ingressClassName !== undefined && annotated !== ingressClassName)
    errors.push(invalid('metadata.annotations[kubernetes.io/ingress.class]', annotated, 'must match `ingressClassName` when both are specified'));
  return errors;
}

export const hostErrors = (host: string, path: string): FieldError[] =>
  invalidFor(path, host, host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host));

function ruleErrors({ host, http }: IngressRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host && parseIp(host)) errors.push(invalid(`${path}.host`, host, 'must be a DNS name, not an IP address'));
  else if (host) errors.push(...hostErrors(host, `${path}.host`));
  if (!http) return errors;
  if (!http.paths?.length) return [...errors, required(`${path}.http.paths`)];
  return [...errors, ...forEach(http.paths, `${path}.http.paths`, pathErrors)];
}

function pathErrors({ path: url = '', pathType, backend }: HTTPIngressPath, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!pathType) return [required(`${path}.pathType`, 'pathType must be specified')];
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!url.startsWith('/')) errors.push(invalid(`${path}.path`, url, 'must be an absolute path'));
    for (const sequence of sequences) if (url.includes(sequence)) errors.push(invalid(`${path}.path`, url, `must not contain '${sequence}'`));
    for (const ending of endings) if (url.endsWith(ending)) errors.push(invalid(`${path}.path`, url, `cannot end with '${ending}'`));
  } else if (pathType === 'ImplementationSpecific') {
    if (url && !url.startsWith('/')) errors.push(invalid(`${path}.path`, url, 'must be an absolute path'));
  } else errors.push(notSupported(`${path}.pathType`, pathType, pathTypes));
  return [...errors, ...backendErrors(backend ?? {}, `${path}.backend`)];
}

function backendErrors({ resource, service }: IngressBackend, path: string): FieldError[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')];
  if (resource)
    return [
      ...(resource.kind ? invalidFor(`${path}.resource.kind`, resource.kind, pathSegmentErrors(resource.kind)) : [required(`${path}.resource.kind`)]),
      ...(resource.name ? invalidFor(`${path}.resource.name`, resource.name, pathSegmentErrors(resource.name)) : [required(`${path}.resource.name`)]),
    ];
  if (!service) return [invalid(path, '', 'resource or service backend is required')];
  const errors = service.name
    ? invalidFor(`${path}.service.name`, service.name, dns1035LabelErrors(service.name))
    : [required(`${path}.service.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalid(path, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...invalidFor(`${path}.service.port.name`, name, portNameErrors(name)));
  else if (number) errors.push(...invalidFor(`${path}.service.port.number`, number, portNumberErrors(number)));
  else errors.push(required(path, 'port name or number is required'));
  return errors;
}

export const validateIngressStatus = ({ status }: Ingress): FieldError[] =>
  forEach(status?.loadBalancer?.ingress, 'status.loadBalancer.ingress', ({ ip, hostname }, at) => [
    ...(ip ? invalidFor(`${at}.ip`, ip, legacyIpErrors(ip)) : []),
    ...(hostname ? balancerHostErrors(hostname, `${at}.hostname`) : []),
  ]);

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const controller = spec?.controller ?? '';
  const errors =
    controller.length > 250
      ? [{ field: 'spec.controller', reason: 'FieldValueTooLong' as const, message: 'Too long: may not be more than 250 bytes' }]
      : domainPathErrors(controller, 'spec.controller');
  const parameters = spec?.parameters;
  if (!parameters) return errors;
  const at = 'spec.parameters';
  if (parameters.apiGroup) errors.push(...invalidFor(`${at}.apiGroup`, parameters.apiGroup, dns1123SubdomainErrors(parameters.apiGroup)));
  for (const field of ['kind', 'name'] as const) {
    const value = parameters[field];
    errors.push(...(value ? invalidFor(`${at}.${field}`, value, pathSegmentErrors(value)) : [required(`${at}.${field}`)]));
  }
  const { scope, namespace } = parameters;
  if (scope !== undefined && scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace']));
  if (scope === 'Namespace' && !namespace) errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"));
  if (scope === 'Cluster' && namespace !== undefined) errors.push(forbiddenField(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  return errors;
}

export const validateIngressClassUpdate = (ingressClass: IngressClass, old: IngressClass): FieldError[] => [
  ...(deepEqual(ingressClass.spec?.controller, old.spec?.controller)
    ? []
    : [invalid('spec.controller', ingressClass.spec?.controller, 'field is immutable')]),
  ...validateIngressClass(ingressClass),
];
