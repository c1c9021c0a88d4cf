// The flags that secure the API server, the same for `steersman up` and `steersman-apiserver`, named as upstream's.
import type { Clock, Logger, Random } from '@steersman/api';
import type { ApiServerOptions } from '@steersman/apiserver';
import type { Flag } from '@steersman/component-base';
import { auditFlags, auditOptions } from './audit-flags.js';
import { authenticationFlags, authenticationOptions } from './authentication-flags.js';
import { authorizationFlags, authorizationOptions } from './authorization-flags.js';
import { encryptionFlags, encryptionOptions } from './encryption-flags.js';
import type { FlagValues } from './flag-values.js';
import { serviceAccountFlags, serviceAccountOptions } from './service-account-flags.js';

export const securityFlags: Readonly<Record<string, Flag>> = {
  ...authenticationFlags,
  ...authorizationFlags,
  ...serviceAccountFlags,
  ...auditFlags,
  ...encryptionFlags,
};

export type SecurityOptions = Pick<ApiServerOptions, 'authentication' | 'authorization' | 'serviceAccounts' | 'audit' | 'encryption' | 'alongside'>;

/** What the flags say; reads the files they name. Throws one clear line. */
export function securityOptions(
  flags: FlagValues,
  tools: { readonly clock: Clock; readonly random: Random; readonly logger: Logger },
): SecurityOptions {
  const given = withDefaults(flags);
  const audit = auditOptions(given, tools);
  const { alongside, authentication } = authenticationOptions(given, tools);
  const { authorization, alongside: followed } = authorizationOptions(given, tools);
  const encryption = encryptionOptions(given, tools);
  return {
    authorization,
    serviceAccounts: serviceAccountOptions(given),
    ...(audit && { audit }),
    ...encryption,
    ...(authentication && { authentication }),
    alongside: [...alongside, ...followed, ...(encryption.alongside ?? [])],
  };
}

const withDefaults = (flags: FlagValues): FlagValues =>
  Object.fromEntries(Object.entries(securityFlags).map(([name, flag]) => [name, flags[name] ?? flag.default]));

/** The flags by their names, out of what commander calls them. */
export const securityValues = (options: Readonly<Record<string, string | undefined>>): FlagValues =>
  Object.fromEntries(
    Object.keys(securityFlags).flatMap((name) => {
      const value = options[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
