// The flags that say how objects are sealed in the store, named as upstream's.
import type { Clock, Logger, Random } from '@steersman/api';
import { type ApiServerOptions, ConfigurationReload, EncryptionRules, parseEncryptionConfiguration, readText } from '@steersman/apiserver';
import type { Flag } from '@steersman/component-base';
import { type FlagValues, isOn } from './flag-values.js';

export const encryptionFlags = {
  'encryption-provider-config': { description: 'how objects are sealed in the store: an EncryptionConfiguration of apiserver.config.k8s.io/v1' },
  'encryption-provider-config-automatic-reload': { description: 'read the configuration again when it has changed', default: 'false', onOff: true },
} satisfies Record<string, Flag>;

interface Tools {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export function encryptionOptions(flags: FlagValues, { clock, random, logger }: Tools): Pick<ApiServerOptions, 'encryption' | 'alongside'> {
  const file = flags['encryption-provider-config'];
  if (!file) return {};
  const encryption = new EncryptionRules(parseEncryptionConfiguration(readText(file), file), random);
  const apply = (text: string): void => encryption.replace(parseEncryptionConfiguration(text, file));
  if (!isOn(flags, 'encryption-provider-config-automatic-reload')) return { encryption };
  return { encryption, alongside: [new ConfigurationReload({ file, clock, logger, apply })] };
}
