// Who makes a request. Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/

export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const authenticatedGroup = 'system:authenticated';
export const mastersGroup = 'system:masters';

export const anonymousUser: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** The API server itself, for what it does on its own account. */
export const loopbackUser: UserInfo = { name: 'system:apiserver', groups: [mastersGroup, authenticatedGroup] };

/** A user as reviews show one: `authentication.k8s.io/v1` UserInfo, without what is empty. */
export const reviewedUser = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid && { uid }),
  ...(groups.length && { groups }),
  ...(extra && { extra }),
});
