// The flags that secure the API server, the same for `steersman up` and `steersman-apiserver`, named as upstream's.
import type { Clock, Logger, Random } from '@steersman/api';
import type { ApiServerOptions } from '@steersman/apiserver';
import type { Flag } from '@steersman/component-base';
import { auditFlags, auditOptions } from './audit-flags.js';
import { encryptionFlags, encryptionOptions } from './encryption-flags.js';
import type { FlagValues } from './flag-values.js';

export const securityFlags: Readonly<Record<string, Flag>> = { ...auditFlags, ...encryptionFlags };

export type SecurityOptions = Pick<ApiServerOptions, 'audit' | 'encryption' | 'alongside'>;

/** What the flags say; reads the files they name. Throws one clear line. */
export function securityOptions(
  flags: FlagValues,
  tools: { readonly clock: Clock; readonly random: Random; readonly logger: Logger },
): SecurityOptions {
  const given = withDefaults(flags);
  const audit = auditOptions(given, tools);
  return { ...(audit && { audit }), ...encryptionOptions(given, tools) };
}

const withDefaults = (flags: FlagValues): FlagValues =>
  Object.fromEntries(Object.entries(securityFlags).map(([name, flag]) => [name, flags[name] ?? flag.default]));

/** The flags by their names, out of what commander calls them. */
export const securityValues = (options: Readonly<Record<string, string | undefined>>): FlagValues =>
  Object.fromEntries(Object.keys(securityFlags).map((name) => [name, options[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]]));
