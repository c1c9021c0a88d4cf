// Role-based access control over the live roles and bindings.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import type { ClusterRole, PolicyRule, Role, RoleBinding } from '@steersman/api';
import type { UserInfo } from '../authn/user.js';
import type { Attributes, Authorizer, Decision } from './authorizer.js';
import type { BoundSubject } from './binding-index.js';
import { ruleAllows } from './rbac-rules.js';

/** Where the authorizer reads roles and bindings: the caches of the API server. */
export interface RbacSource {
  role(namespace: string, name: string): Role | undefined;
  clusterRole(name: string): ClusterRole | undefined;
  /** The bindings of the cluster, or those of a namespace, that the user is a subject of. */
  bindingsOf(user: UserInfo, namespace?: string): Iterable<BoundSubject>;
}

/** A rule a user has, and the binding that gives it. */
export interface GrantedRule {
  readonly rule: PolicyRule;
  readonly because: string;
}

const roleText = (kind: string, name: string, namespace?: string): string => `${kind} "${namespace ? `${name}/${namespace}` : name}"`;

export class RbacAuthorizer implements Authorizer {
  readonly name = 'RBAC';

  constructor(private readonly source: RbacSource) {}

  authorize(attributes: Attributes): Decision {
    const namespace = 'path' in attributes ? undefined : attributes.namespace;
    for (const { rule, because } of this.rulesOf(attributes.user, namespace))
      if (ruleAllows(rule, attributes)) return { allowed: true, reason: because };
    return { allowed: false, reason: '' };
  }

  /** Every rule the user has in the cluster and, where one is named, in a namespace. */
  *rulesOf(user: UserInfo, namespace?: string): Generator<GrantedRule> {
    for (const { binding, subject } of this.source.bindingsOf(user)) {
      const because = `RBAC: allowed by ClusterRoleBinding "${binding.metadata.name}" of ${roleText(binding.roleRef.kind, binding.roleRef.name)} to ${subjectText(subject)}`;
      for (const rule of this.source.clusterRole(binding.roleRef.name)?.rules ?? []) yield { rule, because };
    }
    if (!namespace) return;
    for (const { binding, subject } of this.source.bindingsOf(user, namespace)) {
      const because = `RBAC: allowed by RoleBinding "${binding.metadata.name}/${namespace}" of ${roleText(binding.roleRef.kind, binding.roleRef.name)} to ${subjectText(subject)}`;
      for (const rule of this.rulesBehind(binding, namespace)) yield { rule, because };
    }
  }

  /** The rules of the role that a binding refers to. */
  rulesBehind({ roleRef }: Pick<RoleBinding, 'roleRef'>, namespace: string): readonly PolicyRule[] {
    return this.findRules({ roleRef }, namespace) ?? [];
  }

  /** The same; undefined where there is no such role. */
  findRules({ roleRef }: Pick<RoleBinding, 'roleRef'>, namespace: string): readonly PolicyRule[] | undefined {
    const role = roleRef.kind === 'ClusterRole' ? this.source.clusterRole(roleRef.name) : this.source.role(namespace, roleRef.name);
    return role && (role.rules ?? []);
  }
}

const subjectText = ({ kind, name, namespace }: { kind: string; name: string; namespace?: string }): string =>
  `${kind} "${namespace ? `${name}/${namespace}` : name}"`;
