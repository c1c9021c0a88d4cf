// What is answered to requests that are wrong as HTTP, before anything of the API sees them: as Go's server does, in plain text.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** As many bytes of headers as upstream takes: http.DefaultMaxHeaderBytes, and what Go adds to it. */
export const maxHeaderBytes = 1024 * 1024 + 4096;

const lingerMs = 2000;

const validHost = /^[\w!$%&'()*+,\-.:;=[\]~]*$/;

/** Connections that got their last answer: what else is wrong with what came over them is not told. */
const refused = new WeakSet<Duplex>();

/** What is wrong with a request whose headers could be read; undefined where nothing is. */
export function protocolProblem({ httpVersionMajor, httpVersion, headers, rawHeaders }: IncomingMessage): [number, string?] | undefined {
  if (httpVersionMajor > 1) return [505, 'unsupported protocol version'];
  if (httpVersionMajor < 1) return [400];
  const { host } = headers;
  if (host === undefined && httpVersion !== '1.0') return [400, 'missing required Host header'];
  if (hasSeveralHosts(rawHeaders)) return [400];
  if (!validHost.test(host ?? '')) return [400, 'malformed Host header'];
  const coding = headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked' ? undefined : [501];
}

/** Seen in the lines as they came: taking all headers apart for it would cost every request dearly. */
function hasSeveralHosts(lines: readonly string[]): boolean {
  let hosts = 0;
  for (let index = 0; index < lines.length; index += 2) {
    const name = lines[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}

/** Answers with the status in words, and ends the connection. */
export function refuseRequest(response: ServerResponse, [code, detail]: [number, string?]): void {
  if (response.socket) refused.add(response.socket);
  const body = textOf(code, detail);
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  response.end(body);
}

/** Answers a request that could not be read at all. */
export function refuseConnection({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (refused.has(socket)) return;
  // Who was too slow gets no answer, as from Go.
  if (code === 'ECONNRESET' || code === 'ERR_HTTP_REQUEST_TIMEOUT' || !socket.writable) return void socket.destroy();
  // Time to read the answer; a connection that its client leaves open after it is closed.
  (socket as Socket).setTimeout(lingerMs, () => socket.destroy());
  const status = code === 'HPE_HEADER_OVERFLOW' ? 431 : code === 'HPE_INVALID_TRANSFER_ENCODING' ? 501 : 400;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${textOf(status)}`);
}

function textOf(code: number, detail?: string): string {
  if (code === 501) return 'Unsupported transfer encoding';
  return `${code} ${STATUS_CODES[code]}${detail ? `: ${detail}` : ''}`;
}

/** Says that an expectation other than 100-continue is not met. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(417, { Connection: 'close', 'Content-Length': 0 }).end();
}

/** The path and query of a request's target, which may be a whole URL. */
export function targetOf(url = '/'): string {
  if (url.startsWith('/')) return url;
  const absolute = /^https?:\/\/[^/?]*/i.exec(url);
  if (!absolute) return url;
  const rest = url.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
