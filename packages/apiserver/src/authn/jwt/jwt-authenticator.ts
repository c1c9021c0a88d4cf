// Bearer tokens of OpenID Connect issuers.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
import type { Clock } from '@steersman/api';
import { decodeJwt, jwtVerify } from 'jose';
import { forOwnAudiences, type TokenAuthenticator, type TokenIdentity } from '../authenticator.js';
import { userOfClaims } from './claim-mapping.js';
import { IssuerKeys } from './issuer-keys.js';
import type { JwtIssuer } from './jwt-issuer.js';

export interface JwtAuthenticatorOptions {
  readonly issuer: JwtIssuer;
  readonly algorithms: readonly string[];
  readonly clock: Clock;
  /** The audiences of the API itself. */
  readonly audiences: readonly string[];
}

export class JwtAuthenticator implements TokenAuthenticator {
  private readonly keys: IssuerKeys;

  constructor(private readonly options: JwtAuthenticatorOptions) {
    this.keys = new IssuerKeys(options.issuer.issuer, options.clock);
  }

  async review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const { issuer, algorithms, clock } = this.options;
    if (!this.isOurs(token)) return undefined;
    try {
      const { payload } = await jwtVerify(token, async (header, input) => (await this.keys.keysFor(header as { alg: string }))(header, input), {
        issuer: issuer.issuer.url,
        audience: [...issuer.issuer.audiences],
        algorithms: [...algorithms],
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp'],
      });
      return forOwnAudiences(userOfClaims(issuer, payload), audiences, this.options.audiences);
    } catch (cause) {
      throw new Error('a token of an issuer is not valid', { cause });
    }
  }

  /** Whether the token says that it is of this issuer. */
  private isOurs(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.options.issuer.issuer.url;
    } catch {
      return false;
    }
  }
}
