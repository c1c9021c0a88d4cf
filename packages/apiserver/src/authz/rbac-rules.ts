// Whether RBAC rules allow a request, and whether one set of rules covers another.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import type { PolicyRule } from '@steersman/api';
import type { Attributes } from './authorizer.js';

const has = (list: readonly string[] | undefined, wanted: string): boolean => list !== undefined && (list.includes('*') || list.includes(wanted));

const resourceMatches = (rule: PolicyRule, resource: string, subresource: string | undefined): boolean => {
  const wanted = subresource ? `${resource}/${subresource}` : resource;
  return (rule.resources ?? []).some((one) => one === '*' || one === wanted || (subresource !== undefined && one === `*/${subresource}`));
};

const pathMatches = (patterns: readonly string[] | undefined, path: string): boolean =>
  (patterns ?? []).some((pattern) => pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1))));

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) return pathMatches(rule.nonResourceURLs, attributes.path);
  const { group, resource, subresource, name } = attributes;
  const named = !rule.resourceNames?.length || (name !== undefined && rule.resourceNames.includes(name));
  return has(rule.apiGroups, group) && resourceMatches(rule, resource, subresource) && named;
}

/** A rule taken apart into single permissions: one verb on one resource (and name), or on one path. */
export function breakdown(rule: PolicyRule): PolicyRule[] {
  const single: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? [])
        if (rule.resourceNames?.length)
          for (const name of rule.resourceNames) single.push({ verbs: [verb], apiGroups: [group], resources: [resource], resourceNames: [name] });
        else single.push({ verbs: [verb], apiGroups: [group], resources: [resource] });
    for (const url of rule.nonResourceURLs ?? []) single.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return single;
}

const covers = (owner: PolicyRule, wanted: PolicyRule): boolean => {
  const [verb = ''] = wanted.verbs;
  if (!has(owner.verbs, verb)) return false;
  const [url] = wanted.nonResourceURLs ?? [];
  if (url !== undefined) return pathMatches(owner.nonResourceURLs, url) || (owner.nonResourceURLs ?? []).includes(url);
  const [group = ''] = wanted.apiGroups ?? [];
  const [resource = ''] = wanted.resources ?? [];
  const [base = '', subresource] = resource.split('/');
  const [name] = wanted.resourceNames ?? [];
  const named = !owner.resourceNames?.length || (name !== undefined && owner.resourceNames.includes(name));
  return has(owner.apiGroups, group) && (has(owner.resources, resource) || resourceMatches(owner, base, subresource)) && named;
};

/** The single permissions of `wanted` that none of `owned` covers. */
export const uncovered = (owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] =>
  wanted.flatMap(breakdown).filter((one) => !owned.some((rule) => covers(rule, one)));

/** Puts the verbs on the same thing together. */
export function compact(single: readonly PolicyRule[]): PolicyRule[] {
  const byTarget = new Map<string, PolicyRule>();
  for (const rule of single) {
    const { verbs, ...target } = rule;
    const key = JSON.stringify(target);
    const known = byTarget.get(key);
    byTarget.set(key, { ...rule, verbs: [...new Set([...(known?.verbs ?? []), ...verbs])] });
  }
  return [...byTarget.values()];
}
