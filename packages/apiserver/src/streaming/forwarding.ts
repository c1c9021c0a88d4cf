// Passes HTTP requests on to another server and its answers back, connections that are upgraded included.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { badRequest, serviceUnavailable } from '@steersman/api';

/** Where a request goes on to. */
export interface Onward {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** TLS options and agent. */
  readonly connection?: RequestOptions;
}

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'host',
]);

/** Headers that are meant for the other end as well: not those of one connection, some of which only the connection's own header names. */
export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)));
}

function send({ method = 'GET' }: IncomingMessage, { scheme, host, port, path, headers, connection = {} }: Onward) {
  const options = { ...connection, host, port, path, method, headers: { ...headers, host: `${host}:${port}` } };
  return scheme === 'https' ? httpsRequest(options) : httpRequest(options);
}

const unreachable = (cause: Error): Error => serviceUnavailable(`error trying to reach service: ${cause.message}`);

/** What comes before the answer: that work goes on, or what the client may fetch meanwhile. */
function passInformationOn(response: ServerResponse, code: number, headers: IncomingHttpHeaders): void {
  if (response.headersSent) return;
  if (code === 102) response.writeProcessing();
  else if (code === 103 && headers['link']) response.writeEarlyHints(passedOn(headers) as Record<string, string>);
}

/** Throws 503 where the other server cannot be reached. */
export async function forward(request: IncomingMessage, response: ServerResponse, onward: Onward): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sent = send(request, onward);
    sent.on('information', ({ statusCode, headers }) => passInformationOn(response, statusCode, headers));
    sent.on('response', (answer) => {
      // It may have been answered already: that it took too long.
      if (response.headersSent) return void answer.destroy();
      const { trailer } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, { ...passedOn(answer.headers), ...(trailer && { trailer }) });
      answer.on('error', () => response.destroy());
      answer.on('end', () => response.addTrailers(answer.trailers as Record<string, string>));
      answer.pipe(response);
      response.on('close', resolve);
    });
    sent.on('error', (cause) => (response.headersSent ? response.destroy() : reject(unreachable(cause))));
    response.on('close', () => sent.destroy());
    request.pipe(sent);
  });
}

/** Joins both connections once the other server takes the upgrade. Throws 503 where it cannot be reached. */
export async function forwardUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, onward: Onward): Promise<void> {
  const sent = send(request, onward);
  await new Promise<void>((resolve, reject) => {
    sent.on('error', (cause) => reject(unreachable(cause)));
    sent.on('upgrade', (response, upstream, first) => {
      const headers = Object.entries(response.headersDistinct).flatMap(([name, values = []]) => values.map((value) => `${name}: ${value}`));
      socket.write(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n${headers.join('\r\n')}\r\n\r\n`);
      upstream.write(head);
      socket.write(first);
      upstream.on('error', () => socket.destroy());
      upstream.pipe(socket).pipe(upstream);
      resolve();
    });
    sent.on('response', () => reject(badRequest('the service did not take the upgrade')));
    sent.end();
  });
}
