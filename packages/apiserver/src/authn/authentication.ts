// Finds out who makes a request: the first way that knows its credentials decides. Who brings none is anonymous, where that is allowed.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/
import { unauthorized } from '@steersman/api';
import type { Authenticator, Credentials, TokenAuthenticator, TokenIdentity } from './authenticator.js';
import { anonymousUser, type UserInfo } from './user.js';

/** Who needs no credentials: nobody, everybody, or everybody on these paths. */
export interface AnonymousAccess {
  readonly enabled: boolean;
  readonly paths?: readonly string[];
}

export interface AuthenticationOptions {
  /** Asked before tokens are looked at. */
  readonly authenticators: readonly Authenticator[];
  /** Like `anonymous`, these may change while the server runs. */
  tokens(): readonly TokenAuthenticator[];
  /** The audiences of the API itself. */
  readonly audiences: readonly string[];
  anonymous(): AnonymousAccess;
}

export class Authentication {
  constructor(private readonly options: AuthenticationOptions) {}

  /** The user of a request for a path; throws 401. */
  async identify(credentials: Credentials, path: string): Promise<UserInfo> {
    let problem = false;
    for (const authenticator of this.options.authenticators) {
      try {
        const found = authenticator.authenticate(credentials);
        const user = found instanceof Promise ? await found : found;
        if (user) return user;
      } catch {
        problem = true;
      }
    }
    const { bearerToken } = credentials;
    if (bearerToken !== undefined) return (this.known(bearerToken) ?? (await this.review(bearerToken, this.options.audiences))).user;
    const { enabled, paths } = this.options.anonymous();
    if (problem || !enabled || (paths && !paths.includes(path))) throw unauthorized();
    return anonymousUser;
  }

  /** Whose a token is that was seen before. */
  private known(token: string): TokenIdentity | undefined {
    for (const authenticator of this.options.tokens()) {
      const identity = authenticator.known?.(token, this.options.audiences);
      if (identity) return identity;
    }
    return undefined;
  }

  /** Whose a token is; throws 401, with what each way had against it as the cause. */
  async review(token: string, asked: readonly string[] = []): Promise<TokenIdentity> {
    const audiences = asked.length ? asked : this.options.audiences;
    const problems: string[] = [];
    for (const authenticator of this.options.tokens()) {
      try {
        const identity = await authenticator.review(token, audiences);
        if (identity) return identity;
      } catch (error) {
        const { cause } = error as { cause?: unknown };
        if (cause instanceof Error && cause.message) problems.push(cause.message);
      }
    }
    throw Object.assign(unauthorized(), problems.length && { cause: new Error(problems.join(', ')) });
  }
}
