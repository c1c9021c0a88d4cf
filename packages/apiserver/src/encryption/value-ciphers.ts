// How values are sealed before they are stored, each under one key, in upstream's forms: `k8s:enc:<cipher>:v1:<key name>:` and what was sealed.
// Mirrors https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/#providers
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '@steersman/api';
import nacl from 'tweetnacl';

export interface ValueCipher {
  /** What values that it sealed begin with. */
  readonly prefix: string;
  seal(value: Uint8Array, place: SealedPlace): Uint8Array;
  /** Takes what follows the prefix; throws where that was not sealed under this key. */
  open(sealed: Uint8Array, key: string): Uint8Array;
}

/** Where a value will be stored, which some ciphers bind it to, and where fresh randomness comes from. */
export interface SealedPlace {
  readonly key: string;
  readonly random: Random;
}

export interface CipherKey {
  readonly name: string;
  readonly secret: Buffer;
}

const sealedPrefix = 'k8s:enc:';
const blockBytes = 16;
const gcmNonceBytes = 12;
const gcmTagBytes = 16;

/** AES in counter mode with a tag; a value is bound to its place in the store. */
const aesgcm = ({ name, secret }: CipherKey): ValueCipher => {
  const algorithm = `aes-${secret.length * 8}-gcm` as 'aes-256-gcm';
  return {
    prefix: `${sealedPrefix}aesgcm:v1:${name}:`,
    seal(value, { key, random }) {
      const nonce = random.bytes(gcmNonceBytes);
      const cipher = createCipheriv(algorithm, secret, nonce).setAAD(Buffer.from(key));
      return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, key) {
      if (sealed.length < gcmNonceBytes + gcmTagBytes) throw new Error('the stored data was shorter than the required size');
      const nonce = sealed.subarray(0, gcmNonceBytes);
      const tag = sealed.subarray(sealed.length - gcmTagBytes);
      const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: gcmTagBytes }).setAAD(Buffer.from(key));
      decipher.setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(gcmNonceBytes, -gcmTagBytes)), decipher.final()]);
    },
  };
};

/** AES in chained blocks: what upstream keeps for data that was sealed so before. */
const aescbc = ({ name, secret }: CipherKey): ValueCipher => {
  const algorithm = `aes-${secret.length * 8}-cbc`;
  return {
    prefix: `${sealedPrefix}aescbc:v1:${name}:`,
    seal(value, { random }) {
      const start = random.bytes(blockBytes);
      const cipher = createCipheriv(algorithm, secret, start);
      return Buffer.concat([start, cipher.update(value), cipher.final()]);
    },
    open(sealed) {
      if (sealed.length < 2 * blockBytes) throw new Error('the stored data was shorter than the required size');
      const decipher = createDecipheriv(algorithm, secret, sealed.subarray(0, blockBytes));
      return Buffer.concat([decipher.update(sealed.subarray(blockBytes)), decipher.final()]);
    },
  };
};

/** XSalsa20 with Poly1305. */
const secretbox = ({ name, secret }: CipherKey): ValueCipher => ({
  prefix: `${sealedPrefix}secretbox:v1:${name}:`,
  seal(value, { random }) {
    const nonce = random.bytes(nacl.secretbox.nonceLength);
    return Buffer.concat([nonce, nacl.secretbox(plainBytes(value), plainBytes(nonce), plainBytes(secret))]);
  },
  open(sealed) {
    const nonce = sealed.subarray(0, nacl.secretbox.nonceLength);
    const opened =
      sealed.length >= nacl.secretbox.nonceLength + nacl.secretbox.overheadLength &&
      nacl.secretbox.open(plainBytes(sealed.subarray(nacl.secretbox.nonceLength)), plainBytes(nonce), plainBytes(secret));
    if (!opened) throw new Error('output array was not large enough for encryption');
    return opened;
  },
});

/** The library takes no Buffers of others' realms. */
const plainBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

export const keyedCiphers = { aesgcm, aescbc, secretbox } as const;

export type KeyedCipher = keyof typeof keyedCiphers;

/** Values as they are. */
export const identity: ValueCipher = {
  prefix: '',
  seal: (value) => value,
  open(value) {
    if (startsWith(value, sealedPrefix)) throw new Error('identity transformer tried to read encrypted data');
    return value;
  },
};

export const startsWith = (value: Uint8Array, prefix: string): boolean =>
  value.length >= prefix.length && Buffer.from(value.buffer, value.byteOffset, prefix.length).toString('latin1') === prefix;
