// Finds out who makes a request: a client certificate, a bearer token, or nobody. The first that knows, decides.
import type { UserInfo } from './user.js';

/** What a request brings to prove who it comes from. */
export interface Credentials {
  /** Subject of the verified client certificate. */
  readonly certificate?: { readonly commonName: string; readonly organizations: readonly string[]; readonly serial?: string };
  readonly bearerToken?: string;
}

/** Gives the user; undefined where the credentials are none of its kind; throws 401 where they are bad. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<UserInfo | undefined> | UserInfo | undefined;
}

export class ClientCertificateAuthenticator implements Authenticator {
  authenticate({ certificate }: Credentials): UserInfo | undefined {
    if (!certificate?.commonName) return undefined;
    return { name: certificate.commonName, groups: [...certificate.organizations, 'system:authenticated'] };
  }
}
