// Impersonation: a user who may, acts as another. Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
import { unescaped } from '../aggregation/proxied-identity.js';
import { type Authorizer, forbiddenTo } from '../authz/authorizer.js';
import { PlainInternalError } from '../request/plain-internal-error.js';
import type { UserInfo } from './user.js';

const extraPrefix = 'impersonate-extra-';

/** The lines of a header, each a value of its own: names may have commas. */
type HeaderLines = Readonly<Record<string, readonly string[] | undefined>>;

const listOf = (value: readonly string[] | undefined): string[] => (value ?? []).map((one) => one.trim()).filter(Boolean);

const authenticationVersion = 'authentication.k8s.io/v1';

/** What a header asks for as upstream prints it: kind, namespace, name, uid, version, resource version, field. */
const reference = (kind: string, name: string, version = '', field = ''): string => `{${[kind, '', name, '', version, '', field].join(' ')}}`;

/** Told before the headers are taken apart: most requests are from who makes them. */
export function asksForAnother(headers: Readonly<Record<string, unknown>>): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

/** The user that the headers ask to be; the user itself where they ask for nobody. Throws 403 where that is not granted. */
export async function impersonated(headers: HeaderLines, user: UserInfo, authorizer: Authorizer): Promise<UserInfo> {
  const [name] = listOf(headers['impersonate-user']);
  const groups = listOf(headers['impersonate-group']);
  const [uid] = listOf(headers['impersonate-uid']);
  const extras = Object.entries(headers).filter(([key]) => key.startsWith(extraPrefix));
  if (!name) {
    const asked = [
      ...groups.map((group) => reference('Group', group)),
      ...extras.flatMap(([key, value]) =>
        listOf(value).map((one) => reference('UserExtra', one, authenticationVersion, unescaped(key.slice(extraPrefix.length)))),
      ),
      ...(uid ? [reference('UID', uid, authenticationVersion)] : []),
    ];
    if (asked.length > 0) throw new PlainInternalError(`requested [${asked.join(' ')}] without impersonating a user`);
    return user;
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  const check = async (what: {
    group: string;
    resource: string;
    subresource?: string;
    namespace?: string;
    name: string;
    version?: string;
  }): Promise<void> => {
    const attributes = { user, verb: 'impersonate', version: '', ...what };
    await authorizer.prepare?.(attributes);
    if (!authorizer.authorize(attributes).allowed) throw forbiddenTo(attributes);
  };
  if (account) await check({ group: '', resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! });
  else await check({ group: '', resource: 'users', name });
  for (const group of groups) await check({ group: '', resource: 'groups', name: group });
  const extra: Record<string, string[]> = {};
  for (const [key, value] of extras) {
    const field = unescaped(key.slice(extraPrefix.length));
    extra[field] = listOf(value);
    for (const one of extra[field])
      await check({ group: 'authentication.k8s.io', version: 'v1', resource: 'userextras', subresource: field, name: one });
  }
  if (uid) await check({ group: 'authentication.k8s.io', version: 'v1', resource: 'uids', name: uid });
  return { name, groups: effectiveGroups(name, groups, account), ...(uid && { uid }), ...(extras.length && { extra }) };
}

function effectiveGroups(name: string, groups: string[], account: RegExpExecArray | null): string[] {
  const own = account && groups.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : groups;
  if (name === 'system:anonymous') return own.includes('system:unauthenticated') ? own : [...own, 'system:unauthenticated'];
  return own.includes('system:authenticated') ? own : [...own, 'system:authenticated'];
}
