// Seals and opens values by the rules that are in force; the rules may change while the server runs.
import type { Random } from '@steersman/api';
import { resourceOfKey } from '../registry/storage-keys.js';
import type { EncryptionRule } from './encryption-configuration.js';
import { identity, startsWith, type ValueCipher } from './value-ciphers.js';

export class EncryptionRules {
  private readonly byResource = new Map<string, readonly ValueCipher[]>();

  constructor(
    private rules: readonly EncryptionRule[],
    private readonly random: Random,
  ) {}

  replace(rules: readonly EncryptionRule[]): void {
    this.rules = rules;
    this.byResource.clear();
  }

  seal(key: string, value: Uint8Array): Uint8Array {
    const cipher = this.ciphersOf(key)[0]!;
    if (cipher === identity) return value;
    return Buffer.concat([Buffer.from(cipher.prefix), cipher.seal(value, { key, random: this.random })]);
  }

  /** Throws where no key opens the value. */
  open(key: string, sealed: Uint8Array): Uint8Array {
    let problem: unknown = new Error('no matching prefix found');
    for (const cipher of this.ciphersOf(key)) {
      if (!startsWith(sealed, cipher.prefix)) continue;
      try {
        return cipher.open(sealed.subarray(cipher.prefix.length), key);
      } catch (error) {
        problem = error;
      }
    }
    throw new Error(`unable to transform key ${JSON.stringify(key)}`, { cause: problem });
  }

  /** Whether the value would be sealed otherwise if it were written now. */
  isStale(key: string, sealed: Uint8Array): boolean {
    const [first] = this.ciphersOf(key);
    return first === identity ? startsWith(sealed, 'k8s:enc:') : !startsWith(sealed, first!.prefix);
  }

  private ciphersOf(key: string): readonly ValueCipher[] {
    const { group, resource } = resourceOfKey(key);
    const name = group ? `${resource}.${group}` : resource;
    let ciphers = this.byResource.get(name);
    if (!ciphers) {
      const names = [name, `*.${group}`, '*.*'];
      ciphers = this.rules.find(({ resources }) => resources.some((one) => names.includes(one)))?.ciphers ?? [identity];
      this.byResource.set(name, ciphers);
    }
    return ciphers;
  }
}
