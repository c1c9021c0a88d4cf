// Failures to connect, in the words of Go's net and tls packages, which users and tools look for.
import { isIP } from 'node:net';

const words: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
};

const unknownAuthority = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
const certificateWords: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
};

/** What Go would say of a failure to connect to a host; the error's own message where that is not known. */
export function dialError(error: NodeJS.ErrnoException, host: string, port: number): string {
  const { code = '', message } = error;
  const known = words[code];
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  if (code === 'ECONNRESET') return message === 'socket hang up' ? 'EOF' : `read tcp ${address}: ${known}`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `tls: failed to verify certificate: x509: ${wrongName(error, host)}`;
  return known ? `dial tcp ${address}: ${known}` : (certificateWords[code] ?? message);
}

function wrongName(error: Error & { cert?: { subjectaltname?: string } }, host: string): string {
  const sort = isIP(host) ? 'IP Address:' : 'DNS:';
  const names = (error.cert?.subjectaltname ?? '').split(', ').filter((name) => name.startsWith(sort));
  if (names.length) return `certificate is valid for ${names.map((name) => name.slice(sort.length)).join(', ')}, not ${host}`;
  return isIP(host)
    ? `cannot validate certificate for ${host} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${host}`;
}
