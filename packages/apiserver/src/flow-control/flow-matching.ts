// Which flow schema a request falls under: the first, by precedence, that one of its rules fits.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema
import type { FlowcontrolSubject, FlowSchema, FlowSchemaSpec } from '@steersman/api';
import type { UserInfo } from '../authn/user.js';
import type { RequestInfo } from '../request/request-info.js';

type Rule = NonNullable<FlowSchemaSpec['rules']>[number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];
type UrlRule = NonNullable<Rule['nonResourceRules']>[number];

const accountPrefix = 'system:serviceaccount:';

/** A flow schema ready to be asked. */
export interface Matcher {
  readonly schema: FlowSchema;
  matches(user: UserInfo, info: RequestInfo): boolean;
  /** What tells the flows of the schema apart. */
  flowOf(user: UserInfo, info: RequestInfo): string;
}

/** In the order in which they are asked. */
export const matchersOf = (schemas: readonly FlowSchema[]): Matcher[] =>
  [...schemas]
    .sort((a, b) => precedenceOf(a) - precedenceOf(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    .map((schema) => {
      const rules = schema.spec?.rules ?? [];
      const by = schema.spec?.distinguisherMethod?.type;
      return {
        schema,
        matches: (user, info) => rules.some((rule) => ruleMatches(rule, user, info)),
        flowOf: (user, { resource }) => (by === 'ByUser' ? user.name : by === 'ByNamespace' ? (resource?.namespace ?? '') : ''),
      };
    });

const precedenceOf = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? 0;

function ruleMatches({ subjects, resourceRules = [], nonResourceRules = [] }: Rule, user: UserInfo, info: RequestInfo): boolean {
  if (!subjects?.some((subject) => subjectMatches(subject, user))) return false;
  return info.resource ? resourceRules.some((rule) => resourceMatches(rule, info)) : nonResourceRules.some((rule) => urlMatches(rule, info));
}

function subjectMatches({ kind, user: named, group, serviceAccount }: FlowcontrolSubject, user: UserInfo): boolean {
  if (kind === 'User') return named?.name === '*' || named?.name === user.name;
  if (kind === 'Group') return group?.name === '*' || user.groups.includes(group?.name ?? '');
  if (!serviceAccount || !user.name.startsWith(accountPrefix)) return false;
  const [namespace, name] = user.name.slice(accountPrefix.length).split(':');
  return namespace === serviceAccount.namespace && (serviceAccount.name === '*' || serviceAccount.name === name);
}

const includes = (list: readonly string[] | undefined, value: string): boolean => list?.includes('*') || list?.includes(value) || false;

function resourceMatches({ verbs, apiGroups, resources, namespaces, clusterScope }: ResourceRule, { verb, resource }: RequestInfo): boolean {
  if (!resource) return false;
  const name = resource.subresource ? `${resource.resource}/${resource.subresource}` : resource.resource;
  if (!includes(verbs, verb) || !includes(apiGroups, resource.group) || !includes(resources, name)) return false;
  return resource.namespace ? includes(namespaces, resource.namespace) : clusterScope === true;
}

const urlMatches = ({ verbs, nonResourceURLs }: UrlRule, { verb, path }: RequestInfo): boolean =>
  includes(verbs, verb) &&
  (nonResourceURLs ?? []).some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))));
