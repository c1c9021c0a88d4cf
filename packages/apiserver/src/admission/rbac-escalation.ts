// Nobody grants by a role or binding what they may not do themselves, unless they may escalate or bind.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
import { deepEqual, forbidden, notFound, type PolicyRule, type RoleBinding } from '@steersman/api';
import { mastersGroup } from '../authn/user.js';
import type { Authorizer } from '../authz/authorizer.js';
import type { RbacAuthorizer } from '../authz/rbac-authorizer.js';
import { compact, uncovered } from '../authz/rbac-rules.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';

const rbacGroup = 'rbac.authorization.k8s.io';

const quoted = (list: readonly string[]): string => `[${list.map((one) => JSON.stringify(one)).join(' ')}]`;

/** A rule as upstream's messages show it. */
function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const parts = [
    ...(apiGroups?.length ? [`APIGroups:${quoted(apiGroups)}`] : []),
    ...(resources?.length ? [`Resources:${quoted(resources)}`] : []),
    ...(nonResourceURLs?.length ? [`NonResourceURLs:${quoted(nonResourceURLs)}`] : []),
    ...(resourceNames?.length ? [`ResourceNames:${quoted(resourceNames)}`] : []),
    `Verbs:${quoted(verbs)}`,
  ];
  return `{${parts.join(', ')}}`;
}

interface Granting {
  readonly rules: readonly PolicyRule[];
  /** The permission that makes up for not holding the rules. */
  readonly instead: { readonly verb: string; readonly resource: string; readonly name: string };
}

export class RbacEscalation implements AdmissionPlugin {
  readonly name = 'RBACEscalation';

  constructor(
    private readonly rbac: RbacAuthorizer,
    private readonly authorizer: Authorizer,
  ) {}

  mutate(request: AdmissionRequest): void {
    const { info } = request.resource.definition;
    if (info.group !== rbacGroup || request.subresource || !request.object || request.user.groups.includes(mastersGroup)) return;
    if (request.old && onlyFreesForCollection(request.object, request.old)) return;
    const granting = info.resource.endsWith('roles') ? this.ofRole(request) : this.ofBinding(request);
    this.check(request, granting);
  }

  private ofRole({ resource, object, name }: AdmissionRequest): Granting {
    return {
      rules: (object?.['rules'] as PolicyRule[] | undefined) ?? [],
      instead: { verb: 'escalate', resource: resource.definition.info.resource, name: name ?? '' },
    };
  }

  private ofBinding(request: AdmissionRequest): Granting {
    const { roleRef } = request.object as unknown as RoleBinding;
    const instead = { verb: 'bind', resource: roleRef?.kind === 'ClusterRole' ? 'clusterroles' : 'roles', name: roleRef?.name ?? '' };
    const rules = roleRef && this.rbac.findRules({ roleRef }, request.namespace ?? '');
    return { rules: rules ?? [], instead: { ...instead, ...(roleRef && !rules && { missing: true }) } };
  }

  private check(request: AdmissionRequest, { rules, instead }: Granting): void {
    const { user, namespace, resource } = request;
    const attributes = {
      user,
      verb: instead.verb,
      group: rbacGroup,
      version: 'v1',
      resource: instead.resource,
      name: instead.name,
      ...(namespace && { namespace }),
    };
    if (this.authorizer.authorize(attributes).allowed) return;
    if ('missing' in instead) throw notFound(resource.groupResource, instead.name);
    const held = [...this.rbac.rulesOf(user, namespace)].map(({ rule }) => rule);
    const lacking = compact(uncovered(held, rules)).map(ruleText).sort();
    if (lacking.length === 0) return;
    throw forbidden(
      resource.groupResource,
      request.object?.metadata.name ?? '',
      `user "${user.name}" (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${[...new Set(lacking)].join('\n')}`,
    );
  }
}

type Versioned = NonNullable<AdmissionRequest['object']>;

/** Whether nothing but owners and finalizers changes, so that the garbage collector can do its work. */
function onlyFreesForCollection(object: Versioned, old: Versioned): boolean {
  const rest = ({ metadata, ...others }: Versioned): unknown => {
    const { ownerReferences: _o, finalizers: _f, resourceVersion: _v, managedFields: _m, ...kept } = metadata as Record<string, unknown>;
    return { ...others, metadata: kept };
  };
  const collected =
    !deepEqual(object.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? []) ||
    !deepEqual(object.metadata.finalizers ?? [], old.metadata.finalizers ?? []);
  return collected && deepEqual(rest(object), rest(old));
}
