// Service account tokens: signed JSON web tokens, bound to an account and, if asked for, to a pod, secret or node.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens
import { type Clock, fromTime, type Random, unauthorized } from '@steersman/api';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { Registry } from '../registry/registry.js';
import type { TokenAuthenticator, TokenIdentity } from './authenticator.js';
import { TokenKeys } from './token-keys.js';
import type { UserInfo } from './user.js';

const defaultIssuer = 'https://kubernetes.default.svc';
/** So many tokens are known to be signed by us; each takes a kilobyte or two. */
const mostVerified = 4096;
/** How long tokens outlive the deletion of what they are bound to. */
const deletionLeewayMs = 60_000;
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

/** Something that a token is bound to. */
interface Binding extends Reference {
  readonly resource: string;
  readonly namespace: string | undefined;
}

export interface TokenClaims {
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly claims: KubernetesClaims;
}

/** How tokens are made and known again. */
export interface ServiceAccountSettings {
  /** The first is named in new tokens; tokens of all of them are good. */
  readonly issuers?: readonly string[];
  /** The audiences of the API itself; the issuers without them. */
  readonly audiences?: readonly string[];
  /** PEM of further keys that tokens may have been signed by. */
  readonly verificationKeys?: readonly string[];
  /** Where others find the keys, if not at this server. */
  readonly jwksUri?: string;
  /** No token lives longer. */
  readonly maxTokenSeconds?: number;
  /** Whether pods' own tokens outlive their nominal hour; true unless told otherwise. */
  readonly extendTokens?: boolean;
}

export interface ServiceAccountTokensOptions {
  readonly settings: ServiceAccountSettings;
  /** PEM of the private key that signs. */
  readonly signingKey: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
}

export class ServiceAccountTokens implements TokenAuthenticator {
  private readonly verified = new Map<string, JWTPayload>();
  /** Whose the verified tokens are, for the audiences that were asked about last. */
  private readonly identities = new WeakMap<JWTPayload, TokenIdentity & { readonly asked: readonly string[] }>();
  readonly keys: TokenKeys;
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];

  constructor(private readonly options: ServiceAccountTokensOptions) {
    const { settings, signingKey } = options;
    this.keys = new TokenKeys(signingKey, settings.verificationKeys);
    this.issuers = settings.issuers?.length ? settings.issuers : [defaultIssuer];
    this.audiences = settings.audiences?.length ? settings.audiences : this.issuers;
  }

  get settings(): ServiceAccountSettings {
    return this.options.settings;
  }

  get issuer(): string {
    return this.issuers[0]!;
  }

  /** Signs a token; gives it with its own id. */
  async issue({ audiences, expirationSeconds, claims }: TokenClaims): Promise<{ token: string; id: string }> {
    const now = Math.floor(this.options.clock.now() / 1000);
    const id = this.options.random.uid();
    const token = await new SignJWT({ 'kubernetes.io': claims })
      .setProtectedHeader({ alg: this.keys.algorithm, kid: this.keys.id })
      .setIssuer(this.issuer)
      .setSubject(`system:serviceaccount:${claims.namespace}:${claims.serviceaccount.name}`)
      .setAudience([...audiences])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + expirationSeconds)
      .setJti(id)
      .sign(this.keys.signer);
    return { token, id };
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
    const identity = { user: this.identities.get(payload)?.user ?? userOf(claims, payload.jti), audiences: granted };
    this.identities.set(payload, { ...identity, asked: audiences });
    return identity;
  }

  /** Good as long as the token is, and what it is bound to is there. */
  known(token: string, audiences: readonly string[]): TokenIdentity | undefined {
    const payload = this.verified.get(token);
    const identity = payload && this.identities.get(payload);
    if (!identity || identity.asked !== audiences || (payload.exp ?? 0) * 1000 <= this.options.clock.now()) return undefined;
    const claims = payload['kubernetes.io'] as KubernetesClaims;
    return this.bindings(claims).every((binding) => this.isAlive(binding)) ? identity : undefined;
  }

  /** Whether the token says that it is of this issuer. */
  private isOurs(token: string): boolean {
    if (this.verified.has(token)) return true;
    try {
      return this.issuers.includes(decodeJwt(token).iss ?? '');
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
    const payload = await this.checked(token, nowMs);
    this.remember(token, payload);
    return payload;
  }

  private async checked(token: string, nowMs: number): Promise<JWTPayload> {
    const currentDate = new Date(nowMs);
    for (const { key, algorithm } of this.keys.candidates(decodeProtectedHeader(token).kid)) {
      try {
        return (await jwtVerify(token, key, { issuer: [...this.issuers], algorithms: [algorithm], currentDate })).payload;
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw refused(expired);
      }
    }
    throw unauthorized();
  }

  private remember(token: string, payload: JWTPayload): void {
    if (this.verified.size >= mostVerified) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    this.verified.set(token, payload);
  }

  /** What the token goes with: it is good as long as they are there. */
  private bindings({ namespace, serviceaccount, pod, secret, node }: KubernetesClaims): Binding[] {
    const bindings: Binding[] = [{ resource: 'serviceaccounts', namespace, ...serviceaccount }];
    if (pod) bindings.push({ resource: 'pods', namespace, ...pod });
    if (secret) bindings.push({ resource: 'secrets', namespace, ...secret });
    if (node && !pod) bindings.push({ resource: 'nodes', namespace: undefined, ...node });
    return bindings;
  }

  /** What has been on its way out for a while counts as gone. */
  private uidOf({ resource, namespace, name }: Binding): string | undefined {
    const metadata = this.options.registry.stored('', resource).peek(namespace, name)?.object.metadata;
    const deletedMs = fromTime(metadata?.deletionTimestamp);
    return deletedMs < this.options.clock.now() - deletionLeewayMs ? undefined : metadata?.uid;
  }

  private isAlive = (binding: Binding): boolean => this.uidOf(binding) === binding.uid;

  private async checkBindings(claims: KubernetesClaims): Promise<void> {
    for (const binding of this.bindings(claims)) {
      if (this.isAlive(binding)) continue;
      const { resource, name, uid } = binding;
      await this.options.registry.stored('', resource).feed.caughtUp();
      const now = this.uidOf(binding);
      if (now === undefined) throw refused(`${resource} "${name}" not found`);
      if (now !== uid) throw refused(`the UID of ${resource} "${name}" (${now}) does not match claim (${uid})`);
    }
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
