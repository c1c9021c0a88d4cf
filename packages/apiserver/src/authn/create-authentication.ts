// The ways in which this server finds out who makes a request, put together in upstream's order.
import type { Clock } from '@steersman/api';
import type { Registry } from '../registry/registry.js';
import { type AnonymousAccess, Authentication } from './authentication.js';
import { type Authenticator, ClientCertificateAuthenticator, ProxiedUserAuthenticator, type TokenAuthenticator } from './authenticator.js';
import { BootstrapTokens } from './bootstrap-tokens.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';

/** Ways that are used only where they are asked for. */
export interface AuthenticationSettings {
  readonly bootstrapTokens?: boolean;
  /** Everybody is anonymous who brings nothing, unless told otherwise. */
  anonymous?(): AnonymousAccess;
  /** Those of issuers and webhooks, which may change while the server runs. */
  tokens?(audiences: readonly string[]): readonly TokenAuthenticator[];
}

export interface AuthenticationTools {
  readonly settings: AuthenticationSettings;
  /** Fixed users, for tests and tools. */
  readonly authenticators: readonly Authenticator[];
  readonly tokens: ServiceAccountTokens;
  readonly registry: Registry;
  readonly clock: Clock;
}

export function createAuthentication({ settings, authenticators, tokens, registry, clock }: AuthenticationTools): Authentication {
  const { audiences } = tokens;
  const bootstrap = settings.bootstrapTokens ? [new BootstrapTokens({ secrets: registry.stored('', 'secrets'), clock, audiences })] : [];
  return new Authentication({
    authenticators: [new ProxiedUserAuthenticator(), new ClientCertificateAuthenticator(), ...authenticators],
    tokens: () => [tokens, ...bootstrap, ...(settings.tokens?.(audiences) ?? [])],
    audiences,
    anonymous: () => settings.anonymous?.() ?? { enabled: true },
  });
}
