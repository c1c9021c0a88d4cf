// Watches over WebSocket, as browsers and some clients ask for them: each event is a message of its own, text where it is JSON.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '@steersman/api';
import { WebSocket, WebSocketServer } from 'ws';
import { negotiate } from '../facade/accept.js';
import type { UpgradeHandler } from '../facade/https-server.js';
import { watchOptionsOf } from '../facade/request-options.js';
import { includeObjectOf } from '../facade/send-answer.js';
import { defaultWatchSeconds, type WatchStreamOptions, watchFrame } from '../facade/watch-stream.js';
import type { ApiHandler } from '../handler/api-handler.js';
import { authorize, selectedPath } from '../handler/handler-tools.js';
import type { WatchAnswer } from '../handler/watch.js';
import type { RequestContext } from '../request/request-context.js';
import type { RequestInfo } from '../request/request-info.js';

/** So much may wait for a watcher to read it before the next event is encoded. */
const mostBuffered = 64 * 1024;

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  // Who watches has nothing to say.
  maxPayload: 1024,
  handleProtocols: ([only]) => only ?? false,
});

export class WatchSockets implements UpgradeHandler {
  constructor(private readonly handler: ApiHandler) {}

  handles({ verb, resource }: RequestInfo, upgrade: string | undefined): boolean {
    return verb === 'watch' && resource !== undefined && !resource.subresource && upgrade?.toLowerCase() === 'websocket';
  }

  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    { head, info, context, signal }: { head: Buffer; info: RequestInfo; context: RequestContext; signal: AbortSignal },
  ): Promise<void> {
    const resource = info.resource!;
    const { tools } = this.handler;
    const selector = info.query.get('fieldSelector') ?? undefined;
    authorize(tools, context, 'watch', selectedPath(resource, selector), selector);
    const { custom = false } = tools.registry.find(resource.group, resource.version, resource.resource)?.definition ?? {};
    const accepted = negotiate(request, { stream: true, custom });
    const { timeoutSeconds, ...options } = watchOptionsOf(info.query);
    // Pages of other sites are to be known as such: who does not say where it comes from is turned away, as upstream does.
    if (!request.headers.origin) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    if (request.headers['sec-websocket-protocol']?.includes(',')) throw badRequest('a watch takes one WebSocket protocol at the most');
    const timeout = new AbortController();
    const timer = tools.clock.after((timeoutSeconds || defaultWatchSeconds) * 1000, () => timeout.abort());
    try {
      const answer = await this.handler.watch(context, resource, options, AbortSignal.any([signal, timeout.signal]));
      const webSocket = await accept(request, socket, head);
      if (!webSocket) timeout.abort();
      await send(webSocket, answer, { accepted, clock: tools.clock, includeObject: includeObjectOf(info.query) });
    } finally {
      timer.cancel();
      timeout.abort();
    }
  }
}

/** Nothing where the handshake failed: the client has been told then, and is gone. */
const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket | undefined> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve(undefined));
    sockets.handleUpgrade(request, socket, head, resolve);
  });

async function send(webSocket: WebSocket | undefined, answer: WatchAnswer, options: Omit<WatchStreamOptions, 'pace'>): Promise<void> {
  const binary = options.accepted.type !== 'application/json';
  let first = true;
  webSocket?.on('error', () => {});
  // Who has not read when its watch is over, or has fallen too far behind, is cut off.
  answer.over.addEventListener('abort', () => webSocket && webSocket.bufferedAmount > mostBuffered && webSocket.terminate(), { once: true });
  for await (const batch of answer.batches)
    for (const item of batch) {
      if (webSocket?.readyState !== WebSocket.OPEN) return;
      const frame = watchFrame(answer, item, { ...options, first });
      if (item.type !== 'BOOKMARK') first = false;
      const sent = new Promise<void>((resolve) => webSocket.send(frame, { binary }, () => resolve()));
      if (webSocket.bufferedAmount > mostBuffered) await sent;
    }
  webSocket?.close(1000);
}
