// The flags that say who is let in and as whom, named as upstream's.
import type { Clock, Logger } from '@steersman/api';
import {
  type AnonymousAccess,
  type ApiServerOptions,
  type AuthenticationSettings,
  ConfigurationReload,
  JwtAuthenticator,
  type JwtIssuer,
  parseAuthenticationConfiguration,
  RemoteService,
  readText,
  signingAlgorithms,
  type TokenAuthenticator,
  TokenFile,
  TokenWebhook,
} from '@steersman/apiserver';
import { readKubeconfig } from '@steersman/client';
import { type Flag, UsageError } from '@steersman/component-base';
import { type FlagValues, isOn, list, milliseconds } from './flag-values.js';
import { oidcFlags, oidcIssuer } from './oidc-flags.js';

export const authenticationFlags = {
  'anonymous-auth': { description: 'let requests without credentials in, as system:anonymous (default: true)', onOff: true },
  'enable-bootstrap-token-auth': {
    description: 'take the tokens of bootstrap.kubernetes.io/token Secrets in kube-system',
    default: 'false',
    onOff: true,
  },
  'authentication-config': {
    description: 'issuers of tokens: an AuthenticationConfiguration of apiserver.config.k8s.io/v1, read again when it changes',
  },
  'token-auth-file': { description: 'fixed tokens: lines of token,user,uid,"group1,group2"' },
  ...oidcFlags,
  'authentication-token-webhook-config-file': { description: 'kubeconfig of a service that is asked about tokens' },
  'authentication-token-webhook-version': { description: 'version of the TokenReview it is sent: v1beta1 or v1', default: 'v1beta1' },
  'authentication-token-webhook-cache-ttl': { description: 'how long its answers are remembered', default: '2m0s' },
} satisfies Record<string, Flag>;

interface Tools {
  readonly clock: Clock;
  readonly logger: Logger;
}

const callTimeoutMs = 30_000;
const firstPauseMs = 500;

/** What a configuration comes to; another takes its place when the file changes. */
interface InForce {
  readonly authenticators: readonly TokenAuthenticator[];
  readonly anonymous: AnonymousAccess;
}

export function authenticationOptions(
  flags: FlagValues,
  tools: Tools,
): Pick<ApiServerOptions, 'authentication'> & { alongside: ConfigurationReload[] } {
  const file = flags['authentication-config'];
  const issuers = list(flags, 'service-account-issuer');
  const [ownIssuer = ''] = issuers;
  const issuer = oidcIssuer(flags, ownIssuer);
  if (file && issuer) throw new UsageError('--authentication-config and the --oidc flags exclude each other');
  const bootstrapTokens = isOn(flags, 'enable-bootstrap-token-auth');
  const given = list(flags, 'api-audiences');
  const audiences = given.length ? given : issuers;
  const tokenFile = flags['token-auth-file'];
  const fixed = tokenFile ? [new TokenFile(tokenFile, audiences)] : [];
  const webhook = webhookOf(flags, tools.clock, audiences);
  const jwt = (one: JwtIssuer, algorithms: readonly string[]): JwtAuthenticator =>
    new JwtAuthenticator({ issuer: one, algorithms, clock: tools.clock, audiences });
  const parse = (text: string): InForce => {
    const { jwt: issuers, anonymous } = parseAuthenticationConfiguration(text, file ?? '', ownIssuer);
    return { authenticators: issuers.map((one) => jwt(one, signingAlgorithms)), anonymous: anonymousOf(flags, anonymous) };
  };
  let inForce: InForce = file
    ? parse(readText(file))
    : { authenticators: issuer ? [jwt(issuer.jwt, issuer.algorithms)] : [], anonymous: anonymousOf(flags, undefined) };
  const authentication: AuthenticationSettings = {
    bootstrapTokens,
    anonymous: () => inForce.anonymous,
    tokens: () => [...fixed, ...inForce.authenticators, ...webhook],
  };
  const apply = (text: string): void => {
    inForce = parse(text);
  };
  return { authentication, alongside: file ? [new ConfigurationReload({ file, ...tools, apply })] : [] };
}

function anonymousOf(flags: FlagValues, configured: AnonymousAccess | undefined): AnonymousAccess {
  if (!configured) return { enabled: flags['anonymous-auth'] === undefined || isOn(flags, 'anonymous-auth') };
  if (flags['anonymous-auth'] !== undefined)
    throw new UsageError('--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file');
  return configured;
}

function webhookOf(flags: FlagValues, clock: Clock, audiences: readonly string[]): TokenWebhook[] {
  const file = flags['authentication-token-webhook-config-file'];
  if (!file) return [];
  const version = flags['authentication-token-webhook-version'];
  if (version !== 'v1' && version !== 'v1beta1')
    throw new UsageError(`--authentication-token-webhook-version ${version} is not known: use v1 or v1beta1`);
  const service = new RemoteService({ config: readKubeconfig(file), clock, timeoutMs: callTimeoutMs, firstPauseMs });
  return [new TokenWebhook({ service, version, clock, audiences, cacheMs: milliseconds(flags, 'authentication-token-webhook-cache-ttl') })];
}
