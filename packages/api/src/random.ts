// Randomness and ids come in from outside: every component takes a Random, so that a run can be repeated exactly.
import { randomBytes, randomUUID } from 'node:crypto';

/** Where a component gets its randomness from. */
export interface Random {
  /** A number in [0, 1). */
  number(): number;
  /** A version 4 UUID. */
  uid(): string;
  /** `length` random bytes; cryptographically strong for `systemRandom` only. */
  bytes(length: number): Uint8Array;
}

/** The machine's own, cryptographically strong source. */
export const systemRandom: Random = {
  number: () => Math.random(),
  uid: () => randomUUID(),
  bytes: (length) => randomBytes(length),
};

/** A repeatable source (mulberry32) for tests and virtual clusters: the same seed gives the same sequence. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const number = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(number() * 256));
  const uid = (): string => {
    const raw = bytes(16);
    raw[6] = (raw[6]! & 0x0f) | 0x40;
    raw[8] = (raw[8]! & 0x3f) | 0x80;
    const hex = Buffer.from(raw).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  return { number, uid, bytes };
}

/** Letters and digits of generated names: no vowels, nothing easily mistaken, as Kubernetes has it. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** `length` characters for the end of a generated name. */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = '';
  while (suffix.length < length) suffix += suffixAlphabet[Math.floor(random.number() * suffixAlphabet.length)];
  return suffix;
}
