// What a request over HTTPS brings to prove who makes it: the connection's client certificate, a bearer token.
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { isIdentityHeader, proxiedUser } from '../aggregation/proxied-identity.js';
import type { Credentials } from '../authn/authenticator.js';
import type { ClientCertificates } from './client-certificates.js';

export function credentialsOf(request: IncomingMessage, certificates: ClientCertificates): Credentials {
  const { credentials, isProxy } = certificates.proofOf(request.socket as TLSSocket);
  const behindProxy = isProxy ? proxiedUser(request.headers, request.rawHeaders) : undefined;
  const bearerToken = bearerOf(request) ?? protocolToken(request);
  return { ...credentials, ...(behindProxy && { behindProxy }), ...(bearerToken !== undefined && { bearerToken }) };
}

/** What proves who somebody is goes no further, to pods and services that requests are passed on to. */
export function dropCredentials({ headers }: IncomingMessage): void {
  delete headers.authorization;
}

/** Nor does what says as whom somebody acts, once that is known. */
export function dropIdentity({ headers }: IncomingMessage): void {
  for (const name of Object.keys(headers)) if (isIdentityHeader(name)) delete headers[name];
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
