// Role bindings: the API groups of what they bind.
import type { ClusterRoleBinding, RoleBinding } from '../../gen/types.js';

const rbacGroup = 'rbac.authorization.k8s.io';

export function roleBindingDefaults({ roleRef, subjects }: RoleBinding | ClusterRoleBinding): void {
  if (roleRef) roleRef.apiGroup ||= rbacGroup;
  for (const subject of subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ??= rbacGroup;
}
