// The keys that an issuer signs with: found by its discovery document, looked up again when a token names one that is not known.
// Mirrors https://openid.net/specs/openid-connect-discovery-1_0.html
import { Agent } from 'node:https';
import type { Clock } from '@steersman/api';
import { createLocalJWKSet, type JSONWebKeySet, type JWTHeaderParameters } from 'jose';
import { httpsExchange, parseAnswer } from '../../webhooks/https-exchange.js';
import type { JwtIssuer } from './jwt-issuer.js';

type KeySet = ReturnType<typeof createLocalJWKSet>;

interface Loaded {
  readonly keys: KeySet;
  readonly ids: ReadonlySet<string | undefined>;
}

/** Tokens with made-up key names do not make the server ask its issuer more often than this. */
const pauseMs = 1000;
const timeoutMs = 30_000;

export class IssuerKeys {
  private readonly agent = new Agent({ keepAlive: true });
  private loaded: Promise<Loaded> | undefined;
  private askedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly issuer: JwtIssuer['issuer'],
    private readonly clock: Clock,
  ) {}

  /** The keys that a token with this header can be checked by. */
  async keysFor({ kid }: JWTHeaderParameters): Promise<KeySet> {
    const loaded = await this.load();
    if (kid === undefined || loaded.ids.has(kid) || this.clock.now() - this.askedMs < pauseMs) return loaded.keys;
    this.loaded = undefined;
    return (await this.load()).keys;
  }

  private load(): Promise<Loaded> {
    if (this.loaded) return this.loaded;
    this.askedMs = this.clock.now();
    const loading = this.fetchKeys();
    this.loaded = loading;
    loading.catch(() => {
      if (this.loaded === loading) this.loaded = undefined;
    });
    return loading;
  }

  private async fetchKeys(): Promise<Loaded> {
    const { url, discoveryURL } = this.issuer;
    const document = (await this.get(discoveryURL ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`)) as {
      issuer?: string;
      jwks_uri?: string;
    };
    if (document.issuer !== url)
      throw new Error(
        `oidc: issuer did not match the issuer returned by provider, expected ${JSON.stringify(url)} got ${JSON.stringify(document.issuer)}`,
      );
    const set = (await this.get(document.jwks_uri ?? '')) as JSONWebKeySet;
    return { keys: createLocalJWKSet(set), ids: new Set(set.keys.map(({ kid }) => kid)) };
  }

  private async get(url: string): Promise<unknown> {
    const { certificateAuthority: ca } = this.issuer;
    return parseAnswer(await httpsExchange({ url: new URL(url), timeoutMs, agent: this.agent, clock: this.clock, ...(ca && { ca }) }));
  }
}
