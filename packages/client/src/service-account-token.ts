// The token by which a component acts as a service account: asked for when first needed, and again before it runs out.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
import { type Clock, fromTime, isAlreadyExists, type TokenRequest } from '@steersman/api';
import type { Client } from './client.js';

/** Where the bearer token of a request comes from. */
export interface TokenSource {
  /** Rejects with the StatusError of whoever was asked for it. */
  token(): Promise<string>;
  /** The server did not take this token: the next one is a new one. */
  refused(token: string): void;
}

export interface ServiceAccountTokenOptions {
  /** Whoever may create tokens for the account. */
  readonly client: Client;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
  readonly lifetimeSeconds?: number;
}

interface Issued {
  readonly token: string;
  readonly renewMs: number;
}

/** Of its lifetime a token is used so much: the rest is for a server that is away when the next one is wanted. */
const usedShare = 0.8;

/** The tokens of one service account, which is made where it is missing. */
export class ServiceAccountToken implements TokenSource {
  private asked: Promise<Issued> | undefined;
  private issued: Issued | undefined;

  constructor(private readonly options: ServiceAccountTokenOptions) {}

  async token(): Promise<string> {
    if (this.issued && this.options.clock.monotonic() < this.issued.renewMs) return this.issued.token;
    this.asked ??= this.ask().finally(() => {
      this.asked = undefined;
    });
    this.issued = await this.asked;
    return this.issued.token;
  }

  refused(token: string): void {
    if (this.issued?.token === token) this.issued = undefined;
  }

  private async ask(): Promise<Issued> {
    const { client, clock, namespace, name, lifetimeSeconds = 24 * 3600 } = this.options;
    await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
    const askedMs = clock.monotonic();
    const { token, expirationTimestamp } = await requestToken(client, { namespace, name }, { expirationSeconds: lifetimeSeconds });
    // The server may give less time than was asked for.
    const livesMs = Math.min(fromTime(expirationTimestamp) - clock.now(), lifetimeSeconds * 1000);
    return { token, renewMs: askedMs + livesMs * usedShare };
  }
}

/** Asks for a token of a service account. */
export async function requestToken(
  client: Client,
  account: { readonly namespace: string; readonly name: string },
  spec: Partial<TokenRequest['spec']>,
): Promise<NonNullable<TokenRequest['status']>> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  const { status } = await client.createSubresource<TokenRequest>('ServiceAccount', account, 'token', request);
  if (!status) throw new Error('the answer holds no token');
  return status;
}
