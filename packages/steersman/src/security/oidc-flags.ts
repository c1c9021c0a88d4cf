// The flags of one OpenID Connect issuer, as upstream had them before --authentication-config.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuring-the-api-server
import { issuerErrors, type JwtIssuer, readText, refuseInvalid, signingAlgorithms } from '@steersman/apiserver';
import { type Flag, UsageError } from '@steersman/component-base';
import { type FlagValues, list } from './flag-values.js';

export const oidcFlags = {
  'oidc-issuer-url': { description: 'https URL of the issuer of tokens' },
  'oidc-client-id': { description: 'the audience that its tokens must be for' },
  'oidc-ca-file': { description: "PEM of the authority of the issuer's certificate" },
  'oidc-username-claim': { description: 'the claim that is the name of the user', default: 'sub' },
  'oidc-username-prefix': { description: 'what comes before the name; - for nothing (default: the issuer and #, unless the claim is email)' },
  'oidc-groups-claim': { description: "the claim that is the user's groups" },
  'oidc-groups-prefix': { description: 'what comes before the name of a group' },
  'oidc-required-claim': { description: 'key=value pairs that a token must have, separated by commas' },
  'oidc-signing-algs': { description: 'the algorithms that tokens may be signed by', default: 'RS256' },
} satisfies Record<string, Flag>;

/** Undefined where no issuer is named; throws one clear line where it cannot be used. */
export function oidcIssuer(flags: FlagValues, ownIssuer: string): { jwt: JwtIssuer; algorithms: readonly string[] } | undefined {
  const url = flags['oidc-issuer-url'];
  const clientId = flags['oidc-client-id'];
  if (!url && !clientId) return undefined;
  if (!url || !clientId) throw new UsageError('--oidc-issuer-url and --oidc-client-id must be specified together');
  const algorithms = list(flags, 'oidc-signing-algs');
  const unknown = algorithms.find((one) => !signingAlgorithms.includes(one));
  if (unknown) throw new UsageError(`--oidc-signing-algs ${unknown} is not known: use some of ${signingAlgorithms.join(', ')}`);
  const caFile = flags['oidc-ca-file'];
  const groups = flags['oidc-groups-claim'];
  const jwt: JwtIssuer = {
    issuer: { url, audiences: [clientId], ...(caFile && { certificateAuthority: readText(caFile) }) },
    claimMappings: {
      username: { claim: flags['oidc-username-claim'] ?? 'sub', prefix: usernamePrefix(flags, url) },
      ...(groups && { groups: { claim: groups, prefix: flags['oidc-groups-prefix'] ?? '' } }),
    },
    claimValidationRules: list(flags, 'oidc-required-claim').map((pair) => {
      const [, claim, requiredValue = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (!claim) throw new UsageError(`--oidc-required-claim ${pair} is no key=value pair`);
      return { claim, requiredValue };
    }),
  };
  refuseInvalid('the --oidc flags', issuerErrors(jwt, 'oidc', ownIssuer));
  return { jwt, algorithms };
}

function usernamePrefix(flags: FlagValues, url: string): string {
  const given = flags['oidc-username-prefix'];
  if (given === '-') return '';
  return given ?? (flags['oidc-username-claim'] === 'email' ? '' : `${url}#`);
}
