// Bootstrap tokens that have expired are deleted.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
import { bootstrapTokenOf, type Clock, ignoreNotFound, isDeleting, type Secret } from '@steersman/api';
import type { Client } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

/** Timers do not reach further than some weeks. */
const longestMs = 24 * 3600 * 1000;

export interface TokenCleanerOptions {
  readonly client: Client;
  readonly clock: Clock;
}

export class TokenCleaner implements Controller<'Secret'> {
  readonly name = 'token-cleaner';
  readonly watches = 'Secret';

  constructor(private readonly options: TokenCleanerOptions) {}

  async reconcile(secret: Secret): Promise<Result> {
    const token = bootstrapTokenOf(secret);
    // What no time can be read from is left to people.
    if (token?.expiresMs === undefined || Number.isNaN(token.expiresMs) || isDeleting(secret)) return done;
    const { client, clock } = this.options;
    const leftMs = token.expiresMs - clock.now();
    if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, longestMs) };
    const { name = '', namespace = '', uid } = secret.metadata;
    await client.delete('Secret', { name, namespace }, { ...(uid && { preconditions: { uid } }) }).catch(ignoreNotFound);
    return done;
  }
}
