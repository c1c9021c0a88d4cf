// Failures to connect, in the words of Go's net package, which users and tools look for.

export const timeoutWords = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

const words: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
};

export function dialError(error: NodeJS.ErrnoException, host: string, port: number): string {
  const known = error.code ? words[error.code] : undefined;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  if (error.code === 'ECONNRESET') return error.message === 'socket hang up' ? 'EOF' : `read tcp ${address}: ${words['ECONNRESET']}`;
  return known ? `dial tcp ${address}: ${known}` : error.message;
}
