// Who a request is from, told in headers to a server that trusts this one, and heard from a proxy that this one trusts.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { authenticatedGroup, type UserInfo } from '../authn/user.js';

const userHeader = 'x-remote-user';
const groupHeader = 'x-remote-group';
const uidHeader = 'x-remote-uid';
const extraPrefix = 'x-remote-extra-';

/** The headers that tell who a request is from. */
export const identityHeaders = ({ name, uid, groups, extra = {} }: UserInfo): OutgoingHttpHeaders => ({
  'X-Remote-User': name,
  ...(uid && { 'X-Remote-Uid': uid }),
  'X-Remote-Group': [...groups],
  ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [`X-Remote-Extra-${encodeURIComponent(key)}`, [...values]])),
});

/** Headers by which a client could pass for another. */
export const isIdentityHeader = (name: string): boolean =>
  name === 'authorization' || name.startsWith('x-remote-') || name.startsWith('impersonate-');

/** The user that a trusted proxy speaks for; undefined where it names none. `raw`: the header lines, as pairs. */
export function proxiedUser(headers: IncomingHttpHeaders, raw: readonly string[]): UserInfo | undefined {
  const name = single(headers[userHeader]);
  if (!name) return undefined;
  const uid = single(headers[uidHeader]);
  const groups = valuesOf(raw, groupHeader);
  const extraNames = Object.keys(headers).filter((key) => key.startsWith(extraPrefix));
  const extra = Object.fromEntries(extraNames.map((key) => [unescaped(key.slice(extraPrefix.length)), valuesOf(raw, key)]));
  return {
    name,
    groups: groups.includes(authenticatedGroup) ? groups : [...groups, authenticatedGroup],
    ...(uid && { uid }),
    ...(extraNames.length && { extra }),
  };
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Every line of a header on its own: joined by commas they could not be told apart. */
function valuesOf(raw: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) if (raw[index]!.toLowerCase() === name) values.push(raw[index + 1]!);
  return values;
}

/** The name of an extra field as headers escape it; as it is where that is no escape. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text).toLowerCase();
  } catch {
    return text;
  }
}
