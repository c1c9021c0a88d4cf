// The cluster's certificates and keys, in DATA_DIR/pki: made once, renewed when they run out.
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type CertificateTools, createAuthority, daysLeft, issueCertificate, type KeyPair } from '@steersman/component-base';

export interface Pki {
  readonly ca: KeyPair;
  readonly apiServer: KeyPair;
  readonly admin: KeyPair;
  /** The authority of proxies that speak for users, and the API server's own certificate of it, for aggregated servers. */
  readonly frontProxyCa: KeyPair;
  readonly frontProxyClient: KeyPair;
  /** PKCS #8 PEM that signs service account tokens. */
  readonly serviceAccountKey: string;
}

const renewBelowDays = 30;

/** Whom aggregated servers believe. */
export const frontProxyName = 'front-proxy-client';

/** Reads, completes and renews what is in the directory. */
export async function ensurePki(dir: string, { hosts, tools }: { hosts: readonly string[]; tools: CertificateTools }): Promise<Pki> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const ca = await ensurePair(dir, 'ca', tools, () => createAuthority('kubernetes', tools));
  const apiServer = await ensureServing(dir, ca, { hosts, tools });
  const admin = await ensurePair(dir, 'admin', tools, () =>
    issueCertificate(ca, { subject: { commonName: 'kubernetes-admin', organizations: ['system:masters'] }, usages: ['client'] }, tools),
  );
  const frontProxyCa = await ensurePair(dir, 'front-proxy-ca', tools, () => createAuthority('front-proxy-ca', tools));
  const frontProxyClient = await ensurePair(dir, 'front-proxy-client', tools, () =>
    issueCertificate(frontProxyCa, { subject: { commonName: frontProxyName }, usages: ['client'] }, tools),
  );
  return { ca, apiServer, admin, frontProxyCa, frontProxyClient, serviceAccountKey: ensureKey(join(dir, 'sa.key')) };
}

async function ensurePair(dir: string, name: string, { clock }: CertificateTools, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const files = { cert: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  if (existsSync(files.cert) && existsSync(files.key)) {
    const pair = { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8') };
    if (daysLeft(pair.cert, clock) > renewBelowDays) return pair;
  }
  const pair = await make();
  writeFileSync(files.key, pair.key, { mode: 0o600 });
  writeFileSync(files.cert, pair.cert);
  return pair;
}

/** The serving certificate is issued anew when the machine's addresses have changed. */
async function ensureServing(dir: string, ca: KeyPair, { hosts, tools }: { hosts: readonly string[]; tools: CertificateTools }): Promise<KeyPair> {
  const list = join(dir, 'apiserver.hosts');
  const wanted = [...new Set(hosts)].sort().join('\n');
  const current = existsSync(list) ? readFileSync(list, 'utf8') : '';
  const make = (): Promise<KeyPair> =>
    issueCertificate(ca, { subject: { commonName: 'kube-apiserver' }, hosts: wanted.split('\n'), usages: ['server', 'client'] }, tools);
  if (current === wanted) return ensurePair(dir, 'apiserver', tools, make);
  const pair = await make();
  writeFileSync(join(dir, 'apiserver.key'), pair.key, { mode: 0o600 });
  writeFileSync(join(dir, 'apiserver.crt'), pair.cert);
  writeFileSync(list, wanted);
  return pair;
}

function ensureKey(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  writeFileSync(file, privateKey, { mode: 0o600 });
  return privateKey;
}

/** The machine's own IPv4 addresses, loopback last. */
export function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ family }) => family === 'IPv4');
  return [...all.filter(({ internal }) => !internal), ...all.filter(({ internal }) => internal)].map(({ address }) => address);
}

/** Names and addresses that the API server is reached under. */
export const servingHosts = ({ bind, serviceAddress }: { bind: string; serviceAddress: string }): string[] => [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  serviceAddress,
  ...(/^[\d.]+$/.test(bind) && bind !== '0.0.0.0' ? [bind] : []),
  ...machineAddresses(),
];
