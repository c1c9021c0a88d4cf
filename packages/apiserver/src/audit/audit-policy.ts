// The audit policy: which requests are recorded, at which stages, and how much of them. The first rule that matches decides.
// Mirrors https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy
import { type FieldError, field } from '@steersman/api';
import type { ResourcePath } from '@steersman/client';
import { UsageError } from '@steersman/component-base';
import type { UserInfo } from '../authn/user.js';
import { readConfiguration, refuseInvalid, unknownFields } from '../configuration/configuration-file.js';

export const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;

export type Level = (typeof levels)[number];
export type Stage = (typeof stages)[number];

interface GroupResources {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface PolicyRule {
  readonly level: Level;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

/** What a request is told apart by. Somebody who could not be identified is nobody. */
export interface AuditedRequest {
  readonly user?: UserInfo;
  readonly verb: string;
  readonly path: string;
  readonly resource?: ResourcePath;
}

/** How much of a request is recorded. */
export interface AuditScope {
  readonly level: Level;
  readonly omitStages: ReadonlySet<Stage>;
  readonly omitManagedFields: boolean;
}

const nothing: AuditScope = { level: 'None', omitStages: new Set(), omitManagedFields: false };

export function scopeOf(policy: AuditPolicy, request: AuditedRequest): AuditScope {
  const rule = policy.rules.find((one) => matches(one, request));
  if (!rule) return nothing;
  return {
    level: rule.level,
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

const any = <T>(list: readonly T[] | undefined, test: (one: T) => boolean): boolean => !list?.length || list.some(test);

function matches(rule: PolicyRule, { user, verb, path, resource }: AuditedRequest): boolean {
  if (!any(rule.users, (name) => name === user?.name)) return false;
  if (!any(rule.userGroups, (group) => user?.groups.includes(group) ?? false)) return false;
  if (!any(rule.verbs, (one) => one === verb)) return false;
  if (rule.namespaces?.length || rule.resources?.length) return resource !== undefined && resourceMatches(rule, resource);
  if (rule.nonResourceURLs?.length) return resource === undefined && rule.nonResourceURLs.some((pattern) => pathMatches(pattern, path));
  return true;
}

const resourceMatches = ({ namespaces, resources }: PolicyRule, path: ResourcePath): boolean =>
  any(namespaces, (namespace) => namespace === (path.namespace ?? '')) && any(resources, (one) => groupMatches(one, path));

function groupMatches({ group = '', resources, resourceNames }: GroupResources, path: ResourcePath): boolean {
  if (group !== path.group) return false;
  const { resource, subresource, name = '' } = path;
  const combined = subresource ? `${resource}/${subresource}` : resource;
  const named = (one: string): boolean =>
    one === '*' || one === combined || (subresource !== undefined && one === `*/${subresource}`) || one === `${resource}/*`;
  return !resources?.length || (resources.some(named) && any(resourceNames, (one) => one === name));
}

const pathMatches = (pattern: string, path: string): boolean =>
  pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, '')));

/** Reads a policy; throws one line where it is no good. */
export function readAuditPolicy(file: string): AuditPolicy {
  const policy = readConfiguration<AuditPolicy>(file, { group: 'audit.k8s.io', versions: ['v1'], kind: 'Policy' });
  if (!policy.rules?.length) throw new UsageError(`loaded illegal policy with 0 rules from file ${file}`);
  refuseInvalid(file, [
    ...unknownFields(policy, ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'], ''),
    ...stageErrors(policy.omitStages, 'omitStages'),
    ...policy.rules.flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`)),
  ]);
  return policy;
}

const ruleFields = [
  'level',
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
  'omitStages',
  'omitManagedFields',
] satisfies (keyof PolicyRule)[];

function ruleErrors(rule: PolicyRule, path: string): FieldError[] {
  const { level, resources = [], namespaces = [], nonResourceURLs = [] } = rule;
  return [
    ...unknownFields(rule, ruleFields, path),
    ...(level === undefined
      ? [field.required(`${path}.level`)]
      : levels.includes(level)
        ? []
        : [field.notSupported(`${path}.level`, level, [...levels])]),
    ...stageErrors(rule.omitStages, `${path}.omitStages`),
    ...(nonResourceURLs.length && (resources.length || namespaces.length)
      ? [field.invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs')]
      : []),
    ...nonResourceURLs.flatMap((url, index) => urlErrors(url, `${path}.nonResourceURLs[${index}]`)),
    ...resources.flatMap((one, index) => resourceErrors(one, `${path}.resources[${index}]`)),
  ];
}

function resourceErrors({ resources = [], resourceNames = [], group = '' }: GroupResources, path: string): FieldError[] {
  return [
    ...(/[^a-z0-9.-]/.test(group) ? [field.invalid(`${path}.group`, group, 'must be the name of an API group')] : []),
    ...(resourceNames.length && !resources.length
      ? [field.invalid(`${path}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

function urlErrors(url: string, path: string): FieldError[] {
  if (url === '*') return [];
  if (!url.startsWith('/')) return [field.invalid(path, url, "non-resource URL rules must begin with a '/' character")];
  return url.slice(0, -1).includes('*') ? [field.invalid(path, url, "non-resource URL wildcards '*' must be the final character of the rule")] : [];
}

const stageErrors = (given: readonly Stage[] | undefined, path: string): FieldError[] =>
  (given ?? []).flatMap((stage, index) => (stages.includes(stage) ? [] : [field.notSupported(`${path}[${index}]`, stage, [...stages])]));
