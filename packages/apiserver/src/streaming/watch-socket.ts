// Watches over WebSocket, as browsers and some clients ask for them: each event is a message of its own, text where it is JSON.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '@steersman/api';
import { WebSocket, WebSocketServer } from 'ws';
import type { Upgrade, UpgradeHandler } from '../facade/https-server.js';
import { authorizeRequest, type ResourceRequest } from '../facade/resource-routes.js';
import { followWatch, watchAsked } from '../facade/watch-request.js';
import { pieceBytes, type WatchFrameOptions, watchFrame } from '../facade/watch-stream.js';
import type { ApiHandler } from '../handler/api-handler.js';
import type { WatchAnswer } from '../handler/watch.js';
import type { RequestInfo } from '../request/request-info.js';

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

  async upgrade(request: IncomingMessage, socket: Duplex, { head, context, signal, ...upgrade }: Upgrade): Promise<void> {
    const info = upgrade.info as ResourceRequest['info'];
    authorizeRequest(this.handler.tools, context, info);
    const asked = watchAsked(this.handler, request, info);
    // Pages of other sites are to be known as such: who does not say where it comes from is turned away, as upstream does.
    if (!request.headers.origin) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    if (request.headers['sec-websocket-protocol']?.includes(',')) throw badRequest('a watch takes one WebSocket protocol at the most');
    await followWatch(this.handler, { info, context, signal }, asked, async (answer) =>
      send(await accept(request, socket, head), answer, asked.frames),
    );
  }
}

/** Nothing where the handshake failed: the client has been told then, and is gone. */
const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket | undefined> =>
  new Promise((resolve) => {
    socket.once('close', () => resolve(undefined));
    sockets.handleUpgrade(request, socket, head, resolve);
  });

async function send(webSocket: WebSocket | undefined, answer: WatchAnswer, options: WatchFrameOptions): Promise<void> {
  const binary = options.accepted.type !== 'application/json';
  let first = true;
  webSocket?.on('error', () => {});
  // Who has not read when its watch is over, or has fallen too far behind, is cut off.
  answer.over.addEventListener('abort', () => webSocket && webSocket.bufferedAmount > pieceBytes && webSocket.terminate(), { once: true });
  for await (const batch of answer.batches)
    for (const item of batch) {
      if (webSocket?.readyState !== WebSocket.OPEN) return;
      const frame = watchFrame(answer, item, { ...options, first });
      if (item.type !== 'BOOKMARK') first = false;
      const sent = new Promise<void>((resolve) => webSocket.send(frame, { binary }, () => resolve()));
      if (webSocket.bufferedAmount > pieceBytes) await sent;
    }
  webSocket?.close(1000);
}
