// What the client certificate of a connection proves: who its holder is, or that it is a proxy that says who is behind it.
// The two are of different authorities: a certificate for proxies is nobody's name.
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { RequestHeaderConfig } from '../aggregation/request-header-config.js';
import type { Credentials } from '../authn/authenticator.js';

export interface Proof {
  readonly credentials: Credentials;
  /** May say in headers who a request is from. */
  readonly isProxy: boolean;
}

const pemPattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const fingerprints = (pem: string): Set<string> => new Set((pem.match(pemPattern) ?? []).map((one) => new X509Certificate(one).fingerprint256));

export class ClientCertificates {
  private readonly known = new WeakMap<TLSSocket, Proof>();
  private readonly clients: ReadonlySet<string>;
  private readonly proxies: ReadonlySet<string>;

  constructor(
    clientCa: string,
    private readonly requestHeader: RequestHeaderConfig | undefined,
  ) {
    this.clients = fingerprints(clientCa);
    this.proxies = fingerprints(requestHeader?.ca ?? '');
  }

  /** Looked at once, as it does not change. */
  proofOf(socket: TLSSocket): Proof {
    let proof = this.known.get(socket);
    if (!proof) {
      proof = this.examine(socket);
      this.known.set(socket, proof);
    }
    return proof;
  }

  private examine(socket: TLSSocket): Proof {
    const certificate = socket.getPeerCertificate(this.requestHeader !== undefined);
    const { subject } = certificate;
    if (!subject) return { credentials: {}, isProxy: false };
    if (!socket.authorized) return { credentials: { certificateProblem: String(socket.authorizationError) }, isProxy: false };
    const commonName = first(subject.CN);
    const credentials = { certificate: { commonName, organizations: [subject.O ?? []].flat() } };
    if (!this.requestHeader) return { credentials, isProxy: false };
    const chain = fingerprintsOf(certificate as DetailedPeerCertificate);
    const { allowedNames } = this.requestHeader;
    const isProxy = chain.some((one) => this.proxies.has(one)) && (allowedNames.length === 0 || allowedNames.includes(commonName));
    return { credentials: chain.some((one) => this.clients.has(one)) ? credentials : {}, isProxy };
  }
}

/** Of a certificate and of all that vouch for it. */
function fingerprintsOf(certificate: DetailedPeerCertificate): string[] {
  const found: string[] = [];
  for (
    let one: DetailedPeerCertificate | undefined = certificate;
    one?.fingerprint256 && !found.includes(one.fingerprint256);
    one = one.issuerCertificate
  )
    found.push(one.fingerprint256);
  return found;
}

const first = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? '';
