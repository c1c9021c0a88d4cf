// X.509 for a cluster: certificate authorities, serving and client certificates, signing requests. Stands on @peculiar/x509.
// Mirrors https://kubernetes.io/docs/setup/best-practices/certificates/
import 'reflect-metadata';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Clock, Random } from '@steersman/api';

cryptoProvider.set(crypto);

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3600 * 1000;
/** Certificates start a little in the past, for clocks that disagree. */
const backdateMs = 5 * 60_000;
const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';

/** A certificate and its private key, PEM-encoded. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Subject {
  /** CN: the user's name. */
  readonly commonName: string;
  /** O: the user's groups. */
  readonly organizations?: readonly string[];
}

export interface CertificateOptions {
  readonly subject: Subject;
  /** DNS names and IP addresses; none for a client certificate. */
  readonly hosts?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  readonly days?: number;
}

export interface CertificateTools {
  readonly clock: Clock;
  readonly random: Random;
}

const escapeName = (value: string): string => value.replace(/([,+"\\<>;=])/g, '\\$1');

const nameOf = ({ commonName, organizations = [] }: Subject): string =>
  [...organizations.map((organization) => `O=${escapeName(organization)}`), `CN=${escapeName(commonName)}`].join(', ');

const serialOf = (random: Random): string => {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x01;
  return bytes.toString('hex');
};

const keyPem = async (key: CryptoKey): Promise<string> => {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
};

const pemBytes = (pem: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));

const importKey = (pem: string): Promise<CryptoKey> => crypto.subtle.importKey('pkcs8', pemBytes(pem), keyAlgorithm, true, ['sign']);

const generateKeys = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;

const alternativeNames = (hosts: readonly string[]): SubjectAlternativeNameExtension =>
  new SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host })));

/** Makes a certificate authority that signs itself; valid ten years. */
export async function createAuthority(commonName: string, { clock, random }: CertificateTools): Promise<KeyPair> {
  const keys = await generateKeys();
  const cert = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialOf(random),
    name: nameOf({ commonName }),
    notBefore: new Date(clock.now() - backdateMs),
    notAfter: new Date(clock.now() + 3650 * dayMs),
    keys: keys,
    signingAlgorithm: keyAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

/** Issues a certificate with a fresh key. */
export async function issueCertificate(authority: KeyPair, options: CertificateOptions, tools: CertificateTools): Promise<KeyPair> {
  const keys = await generateKeys();
  const cert = await sign(authority, keys.publicKey, { name: nameOf(options.subject), ...options }, tools);
  return { cert, key: await keyPem(keys.privateKey) };
}

interface SignOptions {
  readonly name: string;
  readonly hosts?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
  readonly days?: number;
}

async function sign(
  authority: KeyPair,
  publicKey: CryptoKey,
  { name, hosts = [], usages, days = 365 }: SignOptions,
  { clock, random }: CertificateTools,
): Promise<string> {
  const issuer = new X509Certificate(authority.cert);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension(usages.map((usage) => (usage === 'server' ? serverAuth : clientAuth))),
    await AuthorityKeyIdentifierExtension.create(issuer),
  ];
  if (hosts.length) extensions.push(alternativeNames(hosts));
  const cert = await X509CertificateGenerator.create({
    serialNumber: serialOf(random),
    subject: name,
    issuer: issuer.subject,
    notBefore: new Date(clock.now() - backdateMs),
    notAfter: new Date(Math.min(clock.now() + days * dayMs, issuer.notAfter.getTime())),
    signingKey: await importKey(authority.key),
    publicKey: publicKey,
    signingAlgorithm: keyAlgorithm,
    extensions,
  });
  return `${cert.toString('pem')}\n`;
}

/** What a PEM-encoded certificate signing request asks for. */
export interface SigningRequest {
  readonly subject: Subject;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

/** Parses a signing request; throws where it is none. */
export function parseSigningRequest(pem: string): SigningRequest {
  const request = new Pkcs10CertificateRequest(pem);
  const subject = { commonName: request.subjectName.getField('CN')[0] ?? '', organizations: request.subjectName.getField('O') };
  const names = request.extensions.find((extension) => extension instanceof SubjectAlternativeNameExtension)?.names.items ?? [];
  const of = (type: string): string[] => names.filter((name) => name.type === type).map(({ value }) => value);
  return { subject, dnsNames: of('dns'), addresses: of('ip'), emails: of('email'), uris: of('url') };
}

/** Signs a request after checking that the requester holds its key. */
export async function signRequest(
  authority: KeyPair,
  pem: string,
  { usages, seconds }: { usages: readonly ('server' | 'client')[]; seconds: number },
  tools: CertificateTools,
): Promise<string> {
  const request = new Pkcs10CertificateRequest(pem);
  if (!(await request.verify())) throw new Error('the signing request is not signed by its own key');
  const { dnsNames, addresses } = parseSigningRequest(pem);
  const publicKey = await request.publicKey.export();
  return sign(authority, publicKey, { name: request.subject, hosts: [...dnsNames, ...addresses], usages, days: seconds / 86_400 }, tools);
}

/** Makes a key and a signing request for it. */
export async function createSigningRequest(subject: Subject, hosts: readonly string[] = []): Promise<{ request: string; key: string }> {
  const keys = await generateKeys();
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: nameOf(subject),
    keys: keys,
    signingAlgorithm: keyAlgorithm,
    extensions: hosts.length ? [alternativeNames(hosts)] : [],
  });
  return { request: `${request.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

/** The days a certificate is still valid; negative once it has expired. */
export const daysLeft = (cert: string, clock: Clock): number => (new X509Certificate(cert).notAfter.getTime() - clock.now()) / dayMs;
