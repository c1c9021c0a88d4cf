// The authorizers of this server, put together: members of system:masters may do anything, then those that the options name are asked.
import { mastersGroup } from '../authn/user.js';
import { type Authorizer, UnionAuthorizer } from './authorizer.js';

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

export const defaultAuthorizers: readonly AuthorizerChoice[] = ['Node', 'RBAC'];

export const createAuthorizer = (
  choices: readonly AuthorizerChoice[],
  own: { readonly Node: Authorizer; readonly RBAC: Authorizer },
): UnionAuthorizer =>
  new UnionAuthorizer([masters, ...choices.map((choice) => (typeof choice === 'string' ? { ...own, ...constants }[choice] : choice))]);
