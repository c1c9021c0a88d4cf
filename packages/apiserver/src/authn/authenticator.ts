// Ways to find out who makes a request: each knows credentials of one kind.
import type { UserInfo } from './user.js';

/** What a request brings to prove who it comes from. */
export interface Credentials {
  /** Subject of the verified client certificate. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[]; readonly serial?: string };
  /** A client certificate came, but is not to be trusted. */
  readonly certificateProblem?: string;
  /** Whom a proxy that is trusted names. */
  readonly behindProxy?: UserInfo;
  readonly bearerToken?: string;
}

/** Gives the user; undefined where the credentials are none of its kind; throws 401 where they are bad. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Whose a token is, and for which of the audiences that were asked about. */
export interface TokenIdentity {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

/** Knows bearer tokens of one kind; undefined where it does not know this one; throws, with a cause that says why, where it is bad. */
export interface TokenAuthenticator {
  review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined>;
  /** What was found out about the token before, if that still holds; the same user each time. */
  known?(token: string, audiences: readonly string[]): TokenIdentity | undefined;
}

/** Requests that a trusted proxy passes on are from whom it says. */
export class ProxiedUserAuthenticator implements Authenticator {
  authenticate({ behindProxy }: Credentials): UserInfo | undefined {
    return behindProxy;
  }
}

export class ClientCertificateAuthenticator implements Authenticator {
  /** Of the certificates of open connections: what is remembered about a user goes by the object. */
  private readonly users = new WeakMap<object, UserInfo>();

  authenticate({ certificate, certificateProblem }: Credentials): UserInfo | undefined {
    if (certificateProblem !== undefined) throw new Error(certificateProblem);
    if (!certificate?.commonName) return undefined;
    let user = this.users.get(certificate);
    if (!user) {
      user = { name: certificate.commonName, groups: [...certificate.organizations, 'system:authenticated'] };
      this.users.set(certificate, user);
    }
    return user;
  }
}

/** Tokens that say nothing of audiences are good for those of the API itself. */
export const forOwnAudiences = (user: UserInfo, asked: readonly string[], own: readonly string[]): TokenIdentity | undefined => {
  const audiences = asked.filter((one) => own.includes(one));
  return audiences.length ? { user, audiences } : undefined;
};
