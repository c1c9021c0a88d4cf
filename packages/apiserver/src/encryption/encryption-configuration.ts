// Which resources are sealed in the store and by what: EncryptionConfiguration of apiserver.config.k8s.io/v1.
// Mirrors https://kubernetes.io/docs/reference/config-api/apiserver-config.v1/
import { type FieldError, field } from '@steersman/api';
import { parseConfiguration, refuseInvalid, unknownFields } from '../configuration/configuration-file.js';
import { type CipherKey, identity, type KeyedCipher, keyedCiphers, type ValueCipher } from './value-ciphers.js';

/** Resources, and the ciphers of their values: the first seals, all of them open. */
export interface EncryptionRule {
  readonly resources: readonly string[];
  readonly ciphers: readonly ValueCipher[];
}

interface KeyedProvider {
  readonly keys?: readonly { readonly name?: string; readonly secret?: string }[];
}

type Provider = Readonly<Partial<Record<KeyedCipher, KeyedProvider>>> & { readonly identity?: object; readonly kms?: object };

interface Configuration {
  readonly resources?: readonly { readonly resources?: readonly string[]; readonly providers?: readonly Provider[] }[];
}

const keySizes: Readonly<Record<KeyedCipher, readonly number[]>> = { aesgcm: [16, 24, 32], aescbc: [16, 24, 32], secretbox: [32] };
const cipherNames = Object.keys(keyedCiphers) as KeyedCipher[];
const providerNames = [...cipherNames, 'identity', 'kms'];

/** The rules of a configuration's text; throws one line that names the file. */
export function parseEncryptionConfiguration(text: string, file: string): EncryptionRule[] {
  const kind = { group: 'apiserver.config.k8s.io', versions: ['v1'], kind: 'EncryptionConfiguration' };
  const configuration = parseConfiguration<Configuration>(text, file, kind);
  const { resources = [] } = configuration;
  refuseInvalid(file, [
    ...unknownFields(configuration, ['apiVersion', 'kind', 'resources'], ''),
    ...(resources.length ? [] : [field.required('resources', 'at least one resource has to be given')]),
    ...resources.flatMap((one, index) => ruleErrors(one, `resources[${index}]`)),
    ...maskedErrors(resources.map(({ resources: names = [] }) => names)),
  ]);
  return resources.map(({ resources: names = [], providers = [] }) => ({ resources: names, ciphers: providers.flatMap(ciphersOf) }));
}

function ciphersOf(provider: Provider): ValueCipher[] {
  if (provider.identity) return [identity];
  return cipherNames.flatMap((cipher) => (provider[cipher]?.keys ?? []).map((key) => keyedCiphers[cipher](cipherKey(key))));
}

const cipherKey = ({ name = '', secret = '' }: { readonly name?: string; readonly secret?: string }): CipherKey => ({
  name,
  secret: Buffer.from(secret, 'base64'),
});

function ruleErrors(rule: NonNullable<Configuration['resources']>[number], path: string): FieldError[] {
  const { resources = [], providers = [] } = rule;
  return [
    ...unknownFields(rule, ['resources', 'providers'], path),
    ...(resources.length ? [] : [field.required(`${path}.resources`, 'at least one resource has to be given')]),
    ...resources.flatMap((name, index) => nameErrors(name, `${path}.resources[${index}]`)),
    ...(providers.length ? [] : [field.required(`${path}.providers`, 'at least one provider has to be given')]),
    ...providers.flatMap((provider, index) => providerErrors(provider, `${path}.providers[${index}]`)),
  ];
}

function nameErrors(name: string, path: string): FieldError[] {
  if (name === '*') return [field.invalid(path, name, "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources")];
  if (name !== name.toLowerCase()) return [field.invalid(path, name, 'resource name should not have capital letters')];
  if (name.includes('*') && !/^\*\.(\*|[^*]*)$/.test(name))
    return [field.invalid(path, name, 'wildcards stand for all resources of a group, or for all')];
  if (name.endsWith('.events.k8s.io') || name === '*.events.k8s.io')
    return [
      field.invalid(path, name, "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file"),
    ];
  return [];
}

function providerErrors(provider: Provider, path: string): FieldError[] {
  const given = Object.keys(provider ?? {});
  if (given.length === 0) return [field.required(path, `one of ${providerNames.join(', ')} has to be given`)];
  if (given.length > 1)
    return [field.invalid(path, given, 'more than one provider specified in a single element, should split into different list elements')];
  if (provider.kms) return [field.invalid(`${path}.kms`, 'kms', 'providers of this sort are not supported')];
  return [
    ...unknownFields(provider, providerNames, path),
    ...cipherNames.flatMap((cipher) => (provider[cipher] ? keyErrors(cipher, provider[cipher], `${path}.${cipher}.keys`) : [])),
  ];
}

function keyErrors(cipher: KeyedCipher, { keys = [] }: KeyedProvider, path: string): FieldError[] {
  if (keys.length === 0) return [field.required(path, 'at least one key has to be given')];
  return keys.flatMap(({ name = '', secret = '' }, index): FieldError[] => {
    const at = `${path}[${index}]`;
    const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(secret);
    const length = Buffer.from(secret, 'base64').length;
    return [
      ...(name ? [] : [field.required(`${at}.name`)]),
      ...(name.includes(':') ? [field.invalid(`${at}.name`, name, 'must not contain a colon')] : []),
      ...(secret ? [] : [field.required(`${at}.secret`)]),
      ...(secret && !isBase64 ? [field.invalid(`${at}.secret`, 'REDACTED', 'secret must be base64 encoded')] : []),
      ...(isBase64 && !keySizes[cipher].includes(length)
        ? [
            field.invalid(
              `${at}.secret`,
              'REDACTED',
              `secret is not of the expected length, got ${length}, expected one of [${keySizes[cipher].join(' ')}]`,
            ),
          ]
        : []),
    ];
  });
}

const wildcardOf = (name: string): string => (name.includes('.') ? `*.${name.slice(name.indexOf('.') + 1)}` : '*.');

/** A resource that an earlier rule takes already would never come to its own. */
function maskedErrors(rules: readonly (readonly string[])[]): FieldError[] {
  const seen = new Set<string>();
  return rules.flatMap((names, rule) =>
    names.flatMap((name, index): FieldError[] => {
      const masking = [name, wildcardOf(name), '*.*'].find((one) => seen.has(one));
      seen.add(name);
      return masking ? [field.invalid(`resources[${rule}].resources[${index}]`, name, `is masked by the earlier ${masking}`)] : [];
    }),
  );
}
