// The default roles and bindings of a cluster that has them already: what is missing in them is added when the server starts, what
// somebody added stays. Mirrors https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation
import { type ClusterRole, deepEqual, type RoleBinding } from '@steersman/api';
import { compact, uncovered } from '../authz/rbac-rules.js';

/** Says `false` where somebody wants to look after a default by himself. */
const autoUpdate = 'rbac.authorization.kubernetes.io/autoupdate';

/** Roles and bindings, of the cluster or of a namespace: they have the same fields. */
type Policy = ClusterRole | RoleBinding;

const isBinding = (policy: Policy): policy is RoleBinding => 'roleRef' in policy;

/** The default as it ought to be: the same object where nothing is missing. */
export function completed<P extends Policy>(existing: P, wanted: P): P {
  if (existing.metadata.annotations?.[autoUpdate] === 'false') return existing;
  const content = isBinding(existing) ? withSubjects(existing, wanted as RoleBinding) : withRules(existing as ClusterRole, wanted as ClusterRole);
  const { labels, annotations } = existing.metadata;
  const metadata = {
    ...existing.metadata,
    labels: { ...wanted.metadata.labels, ...labels },
    annotations: { ...wanted.metadata.annotations, ...annotations },
  };
  const complete = { ...existing, ...content, metadata } as P;
  return deepEqual(complete, existing) ? existing : complete;
}

/** Whether a binding leads to another role: that cannot be changed, so it has to be made anew. */
export const leadsElsewhere = (existing: Policy, wanted: Policy): boolean =>
  isBinding(existing) && isBinding(wanted) && existing.metadata.annotations?.[autoUpdate] !== 'false' && !deepEqual(existing.roleRef, wanted.roleRef);

function withSubjects(existing: RoleBinding, wanted: RoleBinding): Partial<RoleBinding> {
  const subjects = existing.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((one) => !subjects.some((known) => deepEqual(known, one)));
  return missing.length ? { subjects: [...subjects, ...missing] } : {};
}

function withRules(existing: ClusterRole, wanted: ClusterRole): Partial<ClusterRole> {
  const selectors = wanted.aggregationRule?.clusterRoleSelectors;
  if (selectors) {
    // The rules of such a role are what others add up to.
    const known = existing.aggregationRule?.clusterRoleSelectors ?? [];
    const missing = selectors.filter((one) => !known.some((selector) => deepEqual(selector, one)));
    return missing.length ? { aggregationRule: { clusterRoleSelectors: [...known, ...missing] } } : {};
  }
  if (deepEqual(existing.rules, wanted.rules)) return {};
  const missing = compact(uncovered(existing.rules ?? [], wanted.rules ?? []));
  return missing.length ? { rules: [...(existing.rules ?? []), ...missing] } : {};
}
