// Fixed bearer tokens out of a file: `token,user,uid,"group1,group2"`, one a line.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
import { createHash } from 'node:crypto';
import { UsageError } from '@steersman/component-base';
import { readText } from '../configuration/configuration-file.js';
import { forOwnAudiences, type TokenAuthenticator, type TokenIdentity } from './authenticator.js';
import { authenticatedGroup, type UserInfo } from './user.js';

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

export class TokenFile implements TokenAuthenticator {
  /** By the digest of the token, so that comparing tells nothing. */
  private readonly users: ReadonlyMap<string, UserInfo>;

  /** Reads the file; throws one line where it cannot be used. */
  constructor(
    file: string,
    private readonly own: readonly string[],
  ) {
    const lines = readText(file).split(/\r?\n/);
    this.users = new Map(lines.flatMap((line, index) => (line.trim() ? [userOf(line, `${file}:${index + 1}`)] : [])));
  }

  async review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    return this.known(token, audiences);
  }

  known(token: string, audiences: readonly string[]): TokenIdentity | undefined {
    const user = this.users.get(digest(token));
    return user && forOwnAudiences(user, audiences, this.own);
  }
}

/** The cells of a line, of which some may be quoted. */
const cellsOf = (line: string): string[] =>
  [...line.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').trim() : quoted.replace(/""/g, '"'),
  );

function userOf(line: string, place: string): readonly [string, UserInfo] {
  const [token = '', name = '', uid = '', groups = ''] = cellsOf(line);
  if (!token || !name) throw new UsageError(`${place} is no line of tokens: token,user,uid,"group1,group2" is wanted`);
  const memberships = groups
    .split(',')
    .map((group) => group.trim())
    .filter(Boolean);
  return [digest(token), { name, ...(uid && { uid }), groups: [...memberships, authenticatedGroup] }];
}
