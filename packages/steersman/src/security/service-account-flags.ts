// The flags of service account tokens, named as upstream's.
import { pemBlocks, readText, type ServiceAccountSettings } from '@steersman/apiserver';
import { type Flag, UsageError } from '@steersman/component-base';
import { type FlagValues, isOn, list, milliseconds } from './flag-values.js';

export const defaultIssuer = 'https://kubernetes.default.svc';
const leastSeconds = 3600;

export const serviceAccountFlags = {
  'service-account-issuer': {
    description: 'what new tokens name as their issuer, and after a comma others whose tokens are good',
    default: defaultIssuer,
  },
  'service-account-key-file': {
    description: 'files of keys, separated by commas, that tokens may have been signed by besides the key that signs them',
  },
  'service-account-jwks-uri': { description: 'where others find the keys (default: this server)' },
  'service-account-max-token-expiration': { description: 'no token lives longer' },
  'service-account-extend-token-expiration': { description: "let pods' own tokens outlive their nominal hour", default: 'true', onOff: true },
  'api-audiences': { description: 'the audiences of the API itself (default: the issuers)' },
} satisfies Record<string, Flag>;

export function serviceAccountOptions(flags: FlagValues): ServiceAccountSettings {
  const jwksUri = flags['service-account-jwks-uri'];
  if (jwksUri && !jwksUri.startsWith('https://')) throw new UsageError(`--service-account-jwks-uri requires https scheme, parsed as: ${jwksUri}`);
  const maxTokenSeconds = flags['service-account-max-token-expiration'] && milliseconds(flags, 'service-account-max-token-expiration') / 1000;
  if (maxTokenSeconds && maxTokenSeconds < leastSeconds) throw new UsageError('--service-account-max-token-expiration must be at least 1h');
  return {
    issuers: list(flags, 'service-account-issuer'),
    audiences: list(flags, 'api-audiences'),
    verificationKeys: list(flags, 'service-account-key-file').flatMap(keysOf),
    extendTokens: isOn(flags, 'service-account-extend-token-expiration'),
    ...(jwksUri && { jwksUri }),
    ...(maxTokenSeconds && { maxTokenSeconds }),
  };
}

function keysOf(file: string): string[] {
  const keys = pemBlocks(readText(file));
  if (keys.length === 0) throw new UsageError(`${file} has no key in it: PEM is wanted`);
  return keys;
}
