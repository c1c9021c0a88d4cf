// What is checked of flow schemas and priority levels.
import { deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { FlowcontrolSubject, FlowSchema, LimitResponse, PolicyRulesWithSubjects, PriorityLevelConfiguration } from '../../gen/types.js';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../names.js';
import { forEach, goStruct, invalidFor } from '../field-checks.js';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from './mandatory.js';

const maxPrecedence = 10_000;
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const urlVerbs = ['connect', 'delete', 'get', 'head', 'options', 'patch', 'post', 'put', 'trace'];

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  if (!spec) return [];
  const precedence = spec.matchingPrecedence ?? 0;
  const errors: FieldError[] = [];
  if (precedence <= 0) errors.push(invalid('spec.matchingPrecedence', precedence, 'must be a positive value'));
  if (precedence > maxPrecedence) errors.push(invalid('spec.matchingPrecedence', precedence, `must not be greater than ${maxPrecedence}`));
  if (precedence === 1 && metadata.name !== 'exempt')
    errors.push(invalid('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  const type = spec.distinguisherMethod?.type;
  if (type !== undefined && type !== 'ByUser' && type !== 'ByNamespace')
    errors.push(notSupported('spec.distinguisherMethod.type', goStruct(spec.distinguisherMethod), ['ByNamespace', 'ByUser']));
  const level = spec.priorityLevelConfiguration?.name;
  if (!level) errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
  else errors.push(...invalidFor('spec.priorityLevelConfiguration.name', level, dns1123SubdomainErrors(level)));
  const fixed = mandatoryFlowSchemas[metadata.name ?? ''];
  if (fixed && !deepEqual(spec, fixed)) errors.push(invalid('spec', spec, `spec of '${metadata.name}' must equal the fixed value`));
  return [...errors, ...forEach(spec.rules, 'spec.rules', rulesErrors)];
}

function rulesErrors({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects, path: string): FieldError[] {
  const errors = subjects?.length
    ? forEach(subjects, `${path}.subjects`, subjectErrors)
    : [required(`${path}.subjects`, 'subjects must contain at least one value')];
  if (!resourceRules?.length && !nonResourceRules?.length)
    errors.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  errors.push(...forEach(resourceRules, `${path}.resourceRules`, resourceRuleErrors));
  return [
    ...errors,
    ...forEach(nonResourceRules, `${path}.nonResourceRules`, ({ verbs: given, nonResourceURLs }, at) => [
      ...verbsErrors(given, urlVerbs, `${at}.verbs`),
      ...urlsErrors(nonResourceURLs, `${at}.nonResourceURLs`),
    ]),
  ];
}

const subjectFields = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as const;

function subjectErrors(subject: FlowcontrolSubject, path: string): FieldError[] {
  const kind = subject.kind as keyof typeof subjectFields;
  if (!(kind in subjectFields)) return [notSupported(`${path}.kind`, subject.kind, ['Group', 'ServiceAccount', 'User'])];
  const errors: FieldError[] = [];
  for (const [name, field] of Object.entries(subjectFields)) {
    if (name === kind && subject[field] === undefined)
      errors.push(required(`${path}.${field}`, `${field} is required when subject kind is '${name}'`));
    if (name !== kind && subject[field] !== undefined)
      errors.push(forbiddenField(`${path}.${field}`, `${field} is forbidden when subject kind is not '${name}'`));
  }
  if (kind === 'User' && subject.user && !subject.user.name) errors.push(required(`${path}.user.name`));
  if (kind === 'Group' && subject.group && !subject.group.name) errors.push(required(`${path}.group.name`));
  const account = kind === 'ServiceAccount' ? subject.serviceAccount : undefined;
  if (!account) return errors;
  const at = `${path}.serviceAccount`;
  if (!account.name) errors.push(required(`${at}.name`));
  else if (account.name !== '*') errors.push(...invalidFor(`${at}.name`, account.name, dns1123SubdomainErrors(account.name)));
  if (account.namespace) errors.push(...invalidFor(`${at}.namespace`, account.namespace, dns1123LabelErrors(account.namespace)));
  else errors.push(required(`${at}.namespace`, 'must specify namespace for service account'));
  return errors;
}

function verbsErrors(given: readonly string[] | undefined, known: readonly string[], path: string): FieldError[] {
  if (!given?.length) return [required(path, 'verbs must contain at least one value')];
  if (given.includes('*')) return given.length > 1 ? [invalid(path, given, "if '*' is present, must not specify other verbs")] : [];
  const unknown = given.filter((verb) => !known.includes(verb));
  return unknown.length > 0 ? [notSupported(path, unknown, known)] : [];
}

function resourceRuleErrors(rule: NonNullable<PolicyRulesWithSubjects['resourceRules']>[number], path: string): FieldError[] {
  const { apiGroups, resources, clusterScope } = rule;
  const namespaces = rule.namespaces ?? [];
  const errors = verbsErrors(rule.verbs, verbs, `${path}.verbs`);
  const listed = (list: readonly string[] | undefined, field: string, what: string, one: string): void => {
    if (!list?.length) errors.push(required(`${path}.${field}`, `resource rules must supply at least one ${one}`));
    else if (list.length > 1 && list.includes('*'))
      errors.push(invalid(`${path}.${field}`, list, `if '*' is present, must not specify other ${what}`));
  };
  listed(apiGroups, 'apiGroups', 'api groups', 'api group');
  listed(resources, 'resources', 'resources', 'resource');
  const at = `${path}.namespaces`;
  if (namespaces.length === 0)
    return clusterScope ? errors : [...errors, required(at, 'resource rules that are not cluster scoped must supply at least one namespace')];
  if (namespaces.includes('*'))
    return namespaces.length > 1 ? [...errors, invalid(at, namespaces, "if '*' is present, must not specify other namespaces")] : errors;
  return [...errors, ...forEach(namespaces, at, (namespace, one) => invalidFor(one, namespace, dns1123LabelErrors(namespace)))];
}

function urlsErrors(urls: readonly string[] | undefined, path: string): FieldError[] {
  if (!urls?.length) return [required(path, 'nonResourceURLs must contain at least one value')];
  if (urls.length > 1 && urls.includes('*')) return [invalid(path, urls, "if '*' is present, must not specify other non-resource URLs")];
  return forEach(urls, path, (url, at) => {
    if (!url) return [required(at)];
    if (url === '*' || url === '/') return [];
    if (url.includes(' ')) return [invalid(at, url, 'must not contain white-space')];
    if (!url.startsWith('/')) return [invalid(at, url, 'must start with slash')];
    if (url.includes('//')) return [invalid(at, url, 'must not contain double slash')];
    if (!url.includes('*')) return [];
    return url.endsWith('/*') && url.indexOf('*') === url.length - 1 ? [] : [invalid(at, url, 'wildcard can only do suffix matching')];
  });
}

/** The mandatory levels are as they are; how much the exempt one takes may change. */
function mandatoryErrors({ metadata: { name = '' }, spec }: PriorityLevelConfiguration): FieldError[] {
  const fixed = mandatoryPriorityLevels[name];
  if (!fixed || !spec) return [];
  if (name !== 'exempt') return deepEqual(spec, fixed) ? [] : [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)];
  const { exempt: _changeable, ...rest } = spec;
  if (deepEqual(rest, { type: fixed.type })) return [];
  return [invalid('spec', spec, "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")];
}

export const validatePriorityLevel = (level: PriorityLevelConfiguration): FieldError[] => [...mandatoryErrors(level), ...levelErrors(level)];

function levelErrors({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  if (!spec) return [];
  const { type, limited, exempt } = spec;
  if (type !== 'Exempt' && type !== 'Limited') return [notSupported('spec.type', type, ['Exempt', 'Limited'])];
  const errors =
    (metadata.name === 'exempt') === (type === 'Exempt') ? [] : [invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'")];
  if (type === 'Exempt') {
    if (limited) errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
    if (exempt) errors.push(...sharesErrors(exempt.nominalConcurrencyShares ?? 0, exempt.lendablePercent ?? 0, 'spec.exempt'));
    return errors;
  }
  if (exempt) errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
  if (!limited) return [...errors, required('spec.limited', 'must not be empty when type is Limited')];
  errors.push(...sharesErrors(limited.nominalConcurrencyShares ?? 0, limited.lendablePercent ?? 0, 'spec.limited'));
  const borrowing = limited.borrowingLimitPercent;
  if (borrowing !== undefined && borrowing < 0)
    errors.push(invalid('spec.limited.borrowingLimitPercent', borrowing, 'if specified, must be a non-negative integer'));
  return [...errors, ...responseErrors(limited.limitResponse, 'spec.limited.limitResponse')];
}

function sharesErrors(shares: number, lendable: number, path: string): FieldError[] {
  const errors = shares < 0 ? [invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')] : [];
  return lendable < 0 || lendable > 100 ? [...errors, invalid(`${path}.lendablePercent`, lendable, 'must be between 0 and 100, inclusive')] : errors;
}

function responseErrors(response: LimitResponse | undefined, path: string): FieldError[] {
  const { type = '', queuing } = response ?? {};
  if (type === 'Reject') return queuing ? [forbiddenField(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  if (type !== 'Queue') return [notSupported(`${path}.type`, type, ['Queue', 'Reject'])];
  if (!queuing) return [required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')];
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  const at = `${path}.queuing`;
  const errors: FieldError[] = [];
  if (queueLengthLimit <= 0) errors.push(invalid(`${at}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalid(`${at}.queues`, queues, 'must be positive'));
  else if (queues > 10_000_000) errors.push(invalid(`${at}.queues`, queues, 'must not be greater than 10000000'));
  if (handSize <= 0) errors.push(invalid(`${at}.handSize`, handSize, 'must be positive'));
  else if (handSize > queues) errors.push(invalid(`${at}.handSize`, handSize, `should not be greater than queues (${queues})`));
  return errors;
}
