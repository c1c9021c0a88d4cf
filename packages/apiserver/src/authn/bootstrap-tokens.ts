// Bootstrap tokens as bearer tokens: `<id>.<secret>` of a Secret in kube-system.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
import { timingSafeEqual } from 'node:crypto';
import { bootstrapSecretName, bootstrapTokenNamespace, bootstrapTokenOf, type Clock, isExpired, type Secret } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { forOwnAudiences, type TokenAuthenticator, type TokenIdentity } from './authenticator.js';
import { authenticatedGroup } from './user.js';

export interface BootstrapTokensOptions {
  readonly secrets: Resource;
  readonly clock: Clock;
  /** The audiences of the API itself. */
  readonly audiences: readonly string[];
}

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;

export class BootstrapTokens implements TokenAuthenticator {
  constructor(private readonly options: BootstrapTokensOptions) {}

  async review(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> {
    const [, id = '', secret = ''] = form.exec(token) ?? [];
    if (!id) return undefined;
    const { secrets, clock } = this.options;
    const name = bootstrapSecretName(id);
    if (!secrets.peek(bootstrapTokenNamespace, name)) await secrets.feed.caughtUp();
    const found = secrets.peek(bootstrapTokenNamespace, name)?.object;
    if (!found || found.metadata.deletionTimestamp) return undefined;
    const known = bootstrapTokenOf(found as unknown as Secret);
    if (!known?.groups || !isSame(known.secret, secret) || isExpired(known, clock.now()) || !known.isFor('authentication')) return undefined;
    return forOwnAudiences({ name: `system:bootstrap:${id}`, groups: [...known.groups, authenticatedGroup] }, audiences, this.options.audiences);
  }
}

const isSame = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
