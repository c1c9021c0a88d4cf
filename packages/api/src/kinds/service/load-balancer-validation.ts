// The load balancer's part of a Service's status.
import { type FieldError, forbiddenField, invalid } from '../../field-error.js';
import type { LoadBalancerStatus, ServiceSpec } from '../../gen/types.js';
import { legacyIpErrors, parseIp } from '../../ip.js';
import { dns1123SubdomainErrors } from '../../names.js';
import { forEach, invalidFor, requiredOneOf } from '../field-checks.js';

export function loadBalancerStatusErrors({ ingress }: LoadBalancerStatus, spec: ServiceSpec, path: string): FieldError[] {
  if (ingress?.length && spec.type !== 'LoadBalancer')
    return [forbiddenField(`${path}.ingress`, "may only be used when `spec.type` is 'LoadBalancer'")];
  return forEach(ingress, `${path}.ingress`, ({ ip, ipMode, hostname }, at) => {
    const errors = ip ? invalidFor(`${at}.ip`, ip, legacyIpErrors(ip)) : [];
    if (ip && ipMode === undefined)
      errors.push({ field: `${at}.ipMode`, reason: 'FieldValueRequired', message: 'Required value: must be specified when `ip` is set' });
    if (!ip && ipMode !== undefined) errors.push(forbiddenField(`${at}.ipMode`, 'may not be specified when `ip` is not set'));
    if (ipMode !== undefined) errors.push(...requiredOneOf(`${at}.ipMode`, ipMode, ['Proxy', 'VIP']));
    return hostname ? [...errors, ...balancerHostErrors(hostname, `${at}.hostname`)] : errors;
  });
}

/** Load balancers are called by names, not by addresses. */
export function balancerHostErrors(hostname: string, path: string): FieldError[] {
  const errors = invalidFor(path, hostname, dns1123SubdomainErrors(hostname));
  return parseIp(hostname) ? [...errors, invalid(path, hostname, 'must be a DNS name, not an IP address')] : errors;
}
