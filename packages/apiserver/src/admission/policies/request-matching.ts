// Which requests a policy, a binding or a webhook is about: by operation, resource, scope, name and labels.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
import {
  type KubernetesObject,
  labelSelectorMatches,
  type MatchResources,
  type NamedRuleWithOperations,
  type RuleWithOperations,
} from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Registry } from '../../registry/registry.js';
import type { Resource } from '../../registry/resource.js';
import type { ResourceDefinition } from '../../registry/resource-definition.js';
import type { AdmissionRequest } from '../admission.js';

export interface KindNames {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface ResourceNames {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** A request as the rules that match it name its resource: perhaps in another version of it. */
export interface MatchedRequest {
  readonly request: AdmissionRequest;
  readonly kind: KindNames;
  readonly resource: ResourceNames;
  /** What serves it under these names. */
  readonly served: Resource;
  readonly object?: ApiObject | undefined;
  readonly old?: ApiObject | undefined;
}

export type Criteria = Pick<MatchResources, 'namespaceSelector' | 'objectSelector' | 'resourceRules' | 'excludeResourceRules' | 'matchPolicy'>;

const isNamespace = ({ resource, subresource }: AdmissionRequest): boolean =>
  resource.definition.info.group === '' && resource.definition.info.resource === 'namespaces' && !subresource;

const listed = (list: readonly string[] | undefined, one: string): boolean => list?.some((item) => item === '*' || item === one) ?? false;

/** The kind that a request speaks of: that of its subresource, where it has one of its own. */
export function requestKind({ resource, subresource }: AdmissionRequest): KindNames {
  return kindOf(resource, subresource);
}

function kindOf({ definition: { info } }: Resource, subresource: string | undefined): KindNames {
  const { group, version, kind } = info;
  const sub = info.subresources.find(({ name }) => name === subresource);
  return sub && sub.kind !== kind ? { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind } : { group, version, kind };
}

export class RequestMatcher {
  constructor(private readonly registry: Registry) {}

  /** The request as the criteria see it; undefined where they do not match. */
  match(request: AdmissionRequest, criteria: Criteria): MatchedRequest | undefined | Promise<MatchedRequest | undefined> {
    if (!this.matchesNamespace(request, criteria) || !matchesObject(request, criteria)) return undefined;
    const { resourceRules = [], excludeResourceRules = [] } = criteria;
    if (this.resourceMatched(request, excludeResourceRules, criteria)) return undefined;
    const resource = resourceRules.length === 0 ? request.resource : this.resourceMatched(request, resourceRules, criteria);
    return resource && matchedAs(request, resource);
  }

  /** The labels of the namespace that a request is in, or of the namespace that it is about. */
  namespaceOf(request: AdmissionRequest): KubernetesObject | undefined {
    if (isNamespace(request)) return request.object ?? request.old;
    return request.namespace ? this.registry.stored('', 'namespaces').peek(undefined, request.namespace)?.object : undefined;
  }

  private matchesNamespace(request: AdmissionRequest, { namespaceSelector }: Criteria): boolean {
    if (!request.namespace && !isNamespace(request)) return true;
    return labelSelectorMatches(namespaceSelector ?? {}, this.namespaceOf(request)?.metadata?.labels);
  }

  private resourceMatched(request: AdmissionRequest, rules: readonly NamedRuleWithOperations[], { matchPolicy }: Criteria): Resource | undefined {
    const matches = (resource: Resource): boolean =>
      rules.some(
        (rule) => matchesRule(request, resource, rule) && (!rule.resourceNames?.length || rule.resourceNames.includes(nameAskedFor(request))),
      );
    if (matches(request.resource)) return request.resource;
    if (matchPolicy !== 'Equivalent') return undefined;
    return this.equivalents(request.resource).find(matches);
  }

  /** Other groups and versions that serve the same objects. */
  private equivalents(resource: Resource): Resource[] {
    const { prefix } = resource.definition;
    return [...this.registry.all()].filter((one) => one !== resource && one.definition.prefix === prefix);
  }
}

const nameAskedFor = ({ name, object }: AdmissionRequest): string => name ?? object?.metadata?.name ?? '';

/** Whether a rule is about the request, taken as one for this resource. */
export function matchesRule(request: AdmissionRequest, { definition: { info } }: Resource, rule: RuleWithOperations): boolean {
  const { operation, subresource } = request;
  const { group, version, resource, namespaced } = info;
  const inNamespace = namespaced && Boolean(request.namespace);
  const { scope = '*', operations, apiGroups, apiVersions, resources = [] } = rule;
  return (
    (scope === '*' || (scope === 'Namespaced') === inNamespace) &&
    listed(operations, operation) &&
    listed(apiGroups, group) &&
    listed(apiVersions, version) &&
    resources.some((pattern) => matchesResource(pattern, resource, subresource ?? ''))
  );
}

function matchesResource(pattern: string, resource: string, subresource: string): boolean {
  const [wantedResource, wantedSubresource = ''] = pattern.split('/', 2);
  return (wantedResource === '*' || wantedResource === resource) && (wantedSubresource === '*' || wantedSubresource === subresource);
}

function matchesObject({ object, old }: AdmissionRequest, { objectSelector }: Criteria): boolean {
  const selector = objectSelector ?? {};
  if (!selector.matchLabels && !selector.matchExpressions?.length) return true;
  return [object, old].some((one) => one !== undefined && labelSelectorMatches(selector, one.metadata?.labels));
}

/** A request in the version of a resource that serves the same objects. */
function matchedAs(request: AdmissionRequest, resource: Resource): MatchedRequest | Promise<MatchedRequest> {
  const { group, version, resource: name } = resource.definition.info;
  const matched = { request, served: resource, kind: kindOf(resource, request.subresource), resource: { group, version, resource: name } };
  const { object, old } = request;
  if (resource === request.resource || (request.subresource && request.subresource !== 'status')) return { ...matched, object, old };
  const convert = (one: ApiObject | undefined): ApiObject | undefined | Promise<ApiObject> =>
    one && converted(one, request.resource.definition, resource.definition);
  return Promise.all([convert(object), convert(old)]).then(([first, second]) => ({ ...matched, object: first, old: second }));
}

/** An object that was made in the matched version, in that of the request. */
export const inVersionOfRequest = ({ request, served }: MatchedRequest, object: ApiObject): ApiObject | Promise<ApiObject> =>
  served === request.resource ? object : converted(object, served.definition, request.resource.definition);

async function converted(object: ApiObject, from: ResourceDefinition, to: ResourceDefinition): Promise<ApiObject> {
  const stored = from.conversion?.toStored(object) ?? (await from.storedForm?.store(object)) ?? object;
  return to.conversion?.fromStored(stored) ?? (await to.storedForm?.show(stored)) ?? stored;
}
