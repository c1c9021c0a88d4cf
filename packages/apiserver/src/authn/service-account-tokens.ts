// Service account tokens: signed JSON web tokens, bound to an account and, if asked for, to a pod, secret or node.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { type Clock, type Random, unauthorized } from '@steersman/api';
import { decodeJwt, errors, exportJWK, importPKCS8, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Registry } from '../registry/registry.js';
import type { TokenAuthenticator, TokenIdentity } from './authenticator.js';
import type { UserInfo } from './user.js';

/** What the tokens are signed by. */
export const tokenAlgorithm = 'ES256';
/** So many tokens are known to be signed by us; each takes a kilobyte or two. */
const mostVerified = 4096;
const expired = 'service account token has expired';

interface Reference {
  readonly name: string;
  readonly uid: string;
}

interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: Reference;
  readonly pod?: Reference;
  readonly secret?: Reference;
  readonly node?: Reference;
  readonly warnafter?: number;
}

export interface TokenClaims {
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly claims: KubernetesClaims;
}

export interface ServiceAccountTokensOptions {
  readonly issuer: string;
  /** PKCS #8 PEM of an EC P-256 key. */
  readonly signingKey: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
}

export class ServiceAccountTokens implements TokenAuthenticator {
  private readonly publicKey: KeyObject;
  private readonly verified = new Map<string, JWTPayload>();
  readonly keyId: string;

  constructor(private readonly options: ServiceAccountTokensOptions) {
    this.publicKey = createPublicKey(options.signingKey);
    this.keyId = createHash('sha256')
      .update(this.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64url');
  }

  get issuer(): string {
    return this.options.issuer;
  }

  /** Signs a token; gives it with its expiry in milliseconds since the epoch. */
  async issue({ audiences, expirationSeconds, claims }: TokenClaims): Promise<{ token: string; expiresMs: number }> {
    const now = Math.floor(this.options.clock.now() / 1000);
    const token = await new SignJWT({ 'kubernetes.io': claims })
      .setProtectedHeader({ alg: tokenAlgorithm, kid: this.keyId })
      .setIssuer(this.options.issuer)
      .setSubject(`system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`)
      .setAudience([...audiences])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + expirationSeconds)
      .setJti(this.options.random.uid())
      .sign(await importPKCS8(this.options.signingKey, tokenAlgorithm));
    return { token, expiresMs: (now + expirationSeconds) * 1000 };
  }

  /** Who a token is for and for which of the audiences; throws 401 where it is not valid (any more). */
  async review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    if (!this.isOurs(token)) return undefined;
    const payload = await this.verify(token);
    const given = [payload.aud ?? []].flat();
    const granted = given.filter((audience) => audiences.includes(audience));
    if (granted.length === 0)
      throw refused(`token audiences ${JSON.stringify(given)} is invalid for the target audiences ${JSON.stringify(audiences)}`);
    const claims = payload['kubernetes.io'] as KubernetesClaims | undefined;
    if (!claims?.serviceaccount) throw unauthorized();
    await this.checkBindings(claims);
    return { user: userOf(claims, payload.jti), audiences: granted };
  }

  /** Whether the token says that it is of this issuer. */
  private isOurs(token: string): boolean {
    if (this.verified.has(token)) return true;
    try {
      return decodeJwt(token).iss === this.options.issuer;
    } catch {
      return false;
    }
  }

  /** A signature stays good: only the time is looked at again for a token that was seen before. */
  private async verify(token: string): Promise<JWTPayload> {
    const nowMs = this.options.clock.now();
    const known = this.verified.get(token);
    if (known) {
      if ((known.exp ?? 0) * 1000 > nowMs) return known;
      this.verified.delete(token);
      throw refused(expired);
    }
    try {
      const { payload } = await jwtVerify(token, this.publicKey, {
        issuer: this.options.issuer,
        algorithms: [tokenAlgorithm],
        currentDate: new Date(nowMs),
      });
      this.remember(token, payload);
      return payload;
    } catch (error) {
      throw error instanceof errors.JWTExpired ? refused(expired) : unauthorized();
    }
  }

  private remember(token: string, payload: JWTPayload): void {
    if (this.verified.size >= mostVerified) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    this.verified.set(token, payload);
  }

  private async checkBindings(claims: KubernetesClaims): Promise<void> {
    const { namespace, serviceaccount, pod, secret, node } = claims;
    await this.checkAlive('serviceaccounts', namespace, serviceaccount);
    if (pod) await this.checkAlive('pods', namespace, pod);
    if (secret) await this.checkAlive('secrets', namespace, secret);
    if (node && !pod) await this.checkAlive('nodes', undefined, node);
  }

  private async checkAlive(resource: string, namespace: string | undefined, { name, uid }: Reference): Promise<void> {
    const objects = this.options.registry.stored('', resource);
    const found = (): string | undefined => objects.peek(namespace, name)?.object.metadata.uid;
    if (found() === uid) return;
    await objects.feed.caughtUp();
    const now = found();
    if (now === undefined) throw refused(`${resource} "${name}" not found`);
    if (now !== uid) throw refused(`the UID of ${resource} "${name}" (${now}) does not match claim (${uid})`);
  }

  /** The public key as a JSON web key set, for /openid/v1/jwks. */
  async keySet(): Promise<{ keys: object[] }> {
    return { keys: [{ use: 'sig', kid: this.keyId, alg: tokenAlgorithm, ...(await exportJWK(this.publicKey)) }] };
  }
}

/** A 401 that knows why, for those who review tokens. */
const refused = (why: string): Error => Object.assign(unauthorized(), { cause: new Error(why) });

function userOf({ namespace, serviceaccount, pod, node }: KubernetesClaims, tokenId: string | undefined): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      ...(tokenId && { 'authentication.kubernetes.io/credential-id': [`JTI=${tokenId}`] }),
      ...(node && { 'authentication.kubernetes.io/node-name': [node.name], 'authentication.kubernetes.io/node-uid': [node.uid] }),
      ...(pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
    },
  };
}
