// What a request over HTTPS brings to prove who makes it: the connection's client certificate, a bearer token.
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Credentials } from '../authn/authenticator.js';

const known = new WeakMap<TLSSocket, Credentials>();

export function credentialsOf(request: IncomingMessage): Credentials {
  const bearerToken = bearerOf(request) ?? protocolToken(request);
  return { ...certificateOf(request.socket as TLSSocket), ...(bearerToken !== undefined && { bearerToken }) };
}

/** What proves who somebody is goes no further, to pods and services that requests are passed on to. */
export function dropCredentials({ headers }: IncomingMessage): void {
  delete headers.authorization;
}

function bearerOf({ headers }: IncomingMessage): string | undefined {
  const [scheme = '', token] = headers.authorization?.trim().split(' ') ?? [];
  return scheme.toLowerCase() === 'bearer' && token ? token : undefined;
}

const tokenProtocol = 'base64url.bearer.authorization.k8s.io.';

/** Browsers cannot set headers on WebSockets: their token comes as one of the protocols, which then are without it. */
function protocolToken({ headers }: IncomingMessage): string | undefined {
  const offered = headers['sec-websocket-protocol'];
  if (!offered?.includes(tokenProtocol)) return undefined;
  const protocols = offered.split(',').map((one) => one.trim());
  const tokens = protocols.filter((one) => one.startsWith(tokenProtocol));
  const others = protocols.filter((one) => !one.startsWith(tokenProtocol));
  // A token alone would have to be answered as the protocol that was chosen.
  if (tokens.length !== 1 || others.length === 0) return '';
  headers['sec-websocket-protocol'] = others.join(', ');
  return Buffer.from(tokens[0]!.slice(tokenProtocol.length), 'base64url').toString();
}

/** The client certificate of a connection; read once, as it does not change. */
function certificateOf(socket: TLSSocket): Credentials {
  let credentials = known.get(socket);
  if (!credentials) {
    const { subject } = socket.getPeerCertificate();
    if (!subject) credentials = {};
    else if (socket.authorized) credentials = { certificate: { commonName: first(subject.CN), organizations: [subject.O ?? []].flat() } };
    else credentials = { certificateProblem: String(socket.authorizationError) };
    known.set(socket, credentials);
  }
  return credentials;
}

const first = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? '';
