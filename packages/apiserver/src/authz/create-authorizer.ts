// The authorizers of this server, put together: members of system:masters may do anything, then those that the options name are asked.
import type { ClusterRole, Role } from '@steersman/api';
import { mastersGroup } from '../authn/user.js';
import type { Registry } from '../registry/registry.js';
import { type Authorizer, UnionAuthorizer } from './authorizer.js';
import { BindingIndex } from './binding-index.js';
import { NodeAuthorizer } from './node-authorizer.js';
import { NodeReferences } from './node-references.js';
import { RbacAuthorizer, type RbacSource } from './rbac-authorizer.js';
import { RememberedDecisions } from './remembered-decisions.js';

const rbacGroup = 'rbac.authorization.k8s.io';

/** An authorizer by name, or one of its own. */
export type AuthorizerChoice = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny' | Authorizer;

const masters: Authorizer = {
  name: 'masters',
  authorize: ({ user }) => ({ allowed: user.groups.includes(mastersGroup), reason: '' }),
};

const always = (name: string, allowed: boolean, reason: string): Authorizer => ({ name, authorize: () => ({ allowed, reason }) });

const constants = {
  AlwaysAllow: always('AlwaysAllow', true, ''),
  AlwaysDeny: always('AlwaysDeny', false, 'Everything is forbidden.'),
};

const defaultChoices: readonly AuthorizerChoice[] = ['Node', 'RBAC'];

/** The authorizer of the server; by itself the one that knows roles, for what grants permissions. */
export interface ServerAuthorizer {
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
}

export function createAuthorizer(registry: Registry, choices: () => readonly AuthorizerChoice[] = () => defaultChoices): ServerAuthorizer {
  const rbac = new RbacAuthorizer(rbacSource(registry));
  const known = { Node: nodeAuthorizer(registry), RBAC: remembered(registry, rbac), ...constants };
  let [chosen, list]: [readonly AuthorizerChoice[], readonly Authorizer[]] = [[], [masters]];
  const authorizers = (): readonly Authorizer[] => {
    const now = choices();
    if (now !== chosen) [chosen, list] = [now, [masters, ...now.map((choice) => (typeof choice === 'string' ? known[choice] : choice))]];
    return list;
  };
  return { rbac, authorizer: new UnionAuthorizer(authorizers) };
}

const nodeAuthorizer = (registry: Registry): NodeAuthorizer =>
  new NodeAuthorizer({
    references: new NodeReferences(registry.stored('', 'pods'), registry.stored('', 'persistentvolumes').cache),
    attachments: registry.stored('storage.k8s.io', 'volumeattachments'),
    slices: registry.stored('resource.k8s.io', 'resourceslices'),
    role: () => registry.stored(rbacGroup, 'clusterroles').peek(undefined, 'system:node')?.object as unknown as ClusterRole | undefined,
  });

/** Decisions hold until a role or a binding changes. */
function remembered(registry: Registry, rbac: RbacAuthorizer): Authorizer {
  const decisions = new RememberedDecisions(rbac);
  for (const resource of ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'])
    registry.stored(rbacGroup, resource).cache.follow(() => decisions.forget());
  return decisions;
}

function rbacSource(registry: Registry): RbacSource {
  const roles = registry.stored(rbacGroup, 'roles');
  const clusterRoles = registry.stored(rbacGroup, 'clusterroles');
  const roleBindings = new BindingIndex(registry.stored(rbacGroup, 'rolebindings').cache);
  const clusterRoleBindings = new BindingIndex(registry.stored(rbacGroup, 'clusterrolebindings').cache);
  return {
    role: (namespace, name) => roles.peek(namespace, name)?.object as unknown as Role | undefined,
    clusterRole: (name) => clusterRoles.peek(undefined, name)?.object as unknown as ClusterRole | undefined,
    bindingsOf: (user, namespace) => (namespace === undefined ? clusterRoleBindings.of(user) : roleBindings.of(user, namespace)),
  };
}
