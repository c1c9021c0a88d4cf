// Resource requests and limits, of containers and of pods as a whole, and the claims for devices.

import { duplicate, type FieldError, forbiddenField, invalid, notFoundField, notSupported, required } from '../../field-error.js';
import type { Container, PodResourceClaim, PodSpec, ResourceRequirements } from '../../gen/types.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../names.js';
import { containerResources } from '../../pod-resources.js';
import { compareQuantities } from '../../quantity.js';
import { forEach, goStruct, invalidFor } from '../field-checks.js';
import { containerResourceNameErrors, isExtended, isHugePages, resourceQuantityErrors } from '../resource-names.js';

export function containerResourcesErrors(
  { limits = {}, requests = {}, claims }: ResourceRequirements,
  claimNames: readonly string[],
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, limit] of Object.entries(limits)) errors.push(...namedQuantityErrors(name, limit, `${path}.limits[${name}]`));
  for (const [name, request] of Object.entries(requests)) {
    errors.push(
      ...namedQuantityErrors(name, request, `${path}.requests[${name}]`),
      ...requestErrors(name, request, limits[name], `${path}.requests`),
    );
  }
  const withoutPlainResources = ![limits, requests].some((list) => 'cpu' in list || 'memory' in list);
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (withoutPlainResources && names.some(isHugePages)) errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
  return [...errors, ...claimRefErrors(claims, claimNames, `${path}.claims`)];
}

const namedQuantityErrors = (name: string, quantity: string, path: string): FieldError[] => [
  ...containerResourceNameErrors(name, path),
  ...resourceQuantityErrors(name, quantity, path),
];

/** Only cpu, memory and ephemeral storage may be promised more often than they are there. */
function requestErrors(name: string, request: string, limit: string | undefined, path: string): FieldError[] {
  const overcommit = !isExtended(name) && !isHugePages(name);
  if (limit === undefined)
    return overcommit ? [] : [required(path.replace(/requests$/, 'limits'), `Limit must be set for non overcommitable resources`)];
  if (!overcommit && compareQuantities(request, limit) !== 0) return [invalid(path, request, `must be equal to ${name} limit of ${limit}`)];
  if (overcommit && compareQuantities(request, limit) > 0) return [invalid(path, request, `must be less than or equal to ${name} limit of ${limit}`)];
  return [];
}

function claimRefErrors(claims: ResourceRequirements['claims'], claimNames: readonly string[], path: string): FieldError[] {
  const seen = new Set<string>();
  return forEach(claims, path, ({ name, request }, at) => {
    if (!name) return [required(`${at}.name`)];
    const key = request ? `${name}/${request}` : name;
    if (seen.has(key) || (request && seen.has(name))) return [duplicate(at, name)];
    seen.add(key);
    if (claimNames.includes(name)) return [];
    const which = claimNames.length === 0 ? 'pod.spec.resourceClaims which is empty' : `pod.spec.resourceClaims: ${claimNames.join(', ')}`;
    return [{ ...notFoundField(at, name), message: `Not found: ${JSON.stringify(name)}: must be one of the names in ${which}` }];
  });
}

export function podClaimsErrors(claims: readonly PodResourceClaim[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return forEach(claims, path, (claim, at) => {
    const errors: FieldError[] = [];
    if (!claim.name) errors.push(required(`${at}.name`));
    else if (names.has(claim.name)) errors.push(duplicate(`${at}.name`, claim.name));
    else errors.push(...invalidFor(`${at}.name`, claim.name, dns1123LabelErrors(claim.name)));
    names.add(claim.name);
    const both = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
    const none = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
    if (claim.resourceClaimName !== undefined && claim.resourceClaimTemplateName !== undefined) errors.push(invalid(at, goStruct(claim), both));
    if (claim.resourceClaimName === undefined && claim.resourceClaimTemplateName === undefined) errors.push(invalid(at, goStruct(claim), none));
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const) {
      const value = claim[field];
      if (value !== undefined) errors.push(...invalidFor(`${at}.${field}`, value, dns1123SubdomainErrors(value)));
    }
    return errors;
  });
}

const podLevel = ['cpu', 'hugepages-', 'memory'];

export function podResourcesErrors(spec: PodSpec, claimNames: readonly string[], path: string): FieldError[] {
  const resources = spec.resources;
  if (!resources) return [];
  const errors = resources.claims ? [forbiddenField(`${path}.claims`, 'claims may not be set for Resources at pod-level')] : [];
  const { limits = {}, requests = {} } = resources;
  for (const [kind, list] of [['limits', limits] as const, ['requests', requests] as const])
    for (const [name, quantity] of Object.entries(list)) {
      const at = `${path}.${kind}[${name}]`;
      if (name !== 'cpu' && name !== 'memory' && !isHugePages(name)) errors.push(notSupported(at, name, podLevel));
      else errors.push(...resourceQuantityErrors(name, quantity, at));
    }
  for (const [name, request] of Object.entries(requests)) {
    const limit = limits[name];
    if (limit !== undefined) errors.push(...requestErrors(name, request, limit, `${path}.requests`));
  }
  errors.push(...claimRefErrors(resources.claims, claimNames, `${path}.claims`));
  return [...errors, ...consistencyErrors(spec, { limits, requests }, path)];
}

function consistencyErrors(spec: PodSpec, pod: { limits: Record<string, string>; requests: Record<string, string> }, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, sum] of Object.entries(containerResources(spec, 'requests'))) {
    if (name !== 'cpu' && name !== 'memory' && !isHugePages(name)) continue;
    const own = pod.requests[name] ?? '0';
    if (compareQuantities(sum, own) > 0)
      errors.push(invalid(`${path}.requests[${name}]`, own, `must be greater than or equal to aggregate container requests of ${sum}`));
  }
  for (const [index, container] of (spec.containers ?? []).entries())
    for (const [name, limit] of Object.entries((container as Container).resources?.limits ?? {})) {
      const own = pod.limits[name];
      if (own !== undefined && compareQuantities(limit, own) > 0)
        errors.push(invalid(`${path}.containers[${index}][${name}].limits`, limit, `must be less than or equal to pod limits of ${own}`));
    }
  return errors;
}
