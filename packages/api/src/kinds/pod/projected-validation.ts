// Projected volumes: several sources in one directory.

import { type FieldError, forbiddenField, invalid, required } from '../../field-error.js';
import type { VolumeProjection } from '../../gen/types.js';
import { forEach } from '../field-checks.js';
import { volumeFileErrors } from './path-validation.js';
import { downwardFileErrors, keyToPathErrors } from './volume-validation.js';

const tenMinutes = 600;
const longestExpiration = 2 ** 32;
const kinds = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken', 'clusterTrustBundle', 'podCertificate'] as const;

export function projectedErrors(sources: readonly VolumeProjection[] | undefined, path: string): FieldError[] {
  const used = new Set<string>();
  const claim = (file: string | undefined, at: string): FieldError[] => {
    if (!file) return [];
    const taken = used.has(file);
    used.add(file);
    return taken ? [invalid(at, file, 'conflicting duplicate paths')] : [];
  };
  return forEach(sources, `${path}.sources`, (source, at) => {
    const given = kinds.filter((kind) => source[kind] !== undefined);
    if (given.length === 0) return [];
    const errors: FieldError[] = given.slice(1).map((kind) => forbiddenField(`${at}.${kind}`, 'may not specify more than 1 volume type'));
    const { secret, configMap, downwardAPI, serviceAccountToken } = source;
    for (const [kind, keyed] of [['secret', secret] as const, ['configMap', configMap] as const]) {
      if (!keyed || given[0] !== kind) continue;
      if (!keyed.name) errors.push(required(`${at}.${kind}.name`));
      errors.push(...forEach(keyed.items, `${at}.${kind}.items`, keyToPathErrors));
      for (const item of keyed.items ?? []) errors.push(...claim(item.path, path));
    }
    for (const item of (given[0] === 'downwardAPI' && downwardAPI?.items) || []) {
      errors.push(...downwardFileErrors(item, `${at}.downwardAPI`), ...claim(item.path, path));
    }
    if (given[0] === 'serviceAccountToken' && serviceAccountToken) {
      const { expirationSeconds = 3600, path: file } = serviceAccountToken;
      const token = `${at}.serviceAccountToken`;
      if (expirationSeconds < tenMinutes)
        errors.push(invalid(`${token}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'));
      if (expirationSeconds > longestExpiration)
        errors.push(invalid(`${token}.expirationSeconds`, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'));
      if (!file) errors.push(required(`${token}.path`));
      else errors.push(...volumeFileErrors(file, `${path}.path`));
    }
    return errors;
  });
}
