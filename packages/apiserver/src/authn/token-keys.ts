// The keys that service account tokens are signed by, and those that they may have been signed by before.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, type JWK } from 'jose';

interface PublicKey {
  readonly id: string;
  readonly algorithm: string;
  readonly key: KeyObject;
}

const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  if (asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = curves[asymmetricKeyDetails?.namedCurve ?? ''];
  if (!algorithm) throw new Error(`tokens cannot be signed by a key of the type ${asymmetricKeyType}: use RSA, or EC on P-256, P-384 or P-521`);
  return algorithm;
}

function publicKeyOf(pem: string): PublicKey {
  const key = createPublicKey(pem);
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, algorithm: algorithmOf(key), key };
}

export class TokenKeys {
  readonly signer: KeyObject;
  readonly algorithm: string;
  readonly id: string;
  private readonly known: readonly PublicKey[];

  /** PEM of the private key that signs, and of further keys, public or private, whose tokens are good too. */
  constructor(signingKey: string, further: readonly string[] = []) {
    this.signer = createPrivateKey(signingKey);
    const own = publicKeyOf(signingKey);
    this.id = own.id;
    this.algorithm = own.algorithm;
    const all = [own, ...further.map(publicKeyOf)];
    this.known = all.filter(({ id }, index) => all.findIndex((one) => one.id === id) === index);
  }

  /** The key that a token names, or all of them where it names none that is known. */
  candidates(id: string | undefined): readonly PublicKey[] {
    const named = this.known.filter((one) => one.id === id);
    return named.length ? named : this.known;
  }

  get algorithms(): string[] {
    return [...new Set(this.known.map(({ algorithm }) => algorithm))].sort();
  }

  /** The public keys as a JSON web key set, for /openid/v1/jwks. */
  async keySet(): Promise<{ keys: JWK[] }> {
    return {
      keys: await Promise.all(this.known.map(async ({ id, algorithm, key }) => ({ use: 'sig', kid: id, alg: algorithm, ...(await exportJWK(key)) }))),
    };
  }
}

/** The PEM blocks of a file that may hold several keys. */
export const pemBlocks = (text: string): string[] => text.match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/g) ?? [];
