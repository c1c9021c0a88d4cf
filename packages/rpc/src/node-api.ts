// The node API, whatever carries it: the interface that a kubelet implements, and its two ends over gRPC.
import type { ChannelCredentials, ClientOptions, UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type LogsRequest,
  NodeClient,
  NodeService,
  type PortForwardInput,
  type PortForwardOutput,
  type ProxyRequest,
  type ProxyResponse,
  type SessionInput,
  type SessionOutput,
} from './gen/steersman/node/v1/node.js';
import { duplexHandler, exchange, messagesOf, streamHandler } from './streams.js';

/** What a kubelet serves. Every method throws StatusError; streams end when their signal aborts. */
export interface NodeApi {
  logs(request: LogsRequest, signal: AbortSignal): AsyncIterable<Uint8Array>;
  exec(input: AsyncIterable<SessionInput>, signal: AbortSignal): AsyncIterable<SessionOutput>;
  attach(input: AsyncIterable<SessionInput>, signal: AbortSignal): AsyncIterable<SessionOutput>;
  portForward(input: AsyncIterable<PortForwardInput>, signal: AbortSignal): AsyncIterable<PortForwardOutput>;
  proxy(request: ProxyRequest, signal: AbortSignal): AsyncIterable<ProxyResponse>;
}

async function* chunks(data: AsyncIterable<Uint8Array>): AsyncIterable<{ data: Buffer }> {
  for await (const part of data) yield { data: Buffer.from(part.buffer, part.byteOffset, part.byteLength) };
}

/** A NodeApi as a gRPC service. `authorize` throws where the peer may not call. */
export function nodeService(
  api: NodeApi,
  authorize: (peer: string) => void,
): { definition: typeof NodeService; implementation: UntypedServiceImplementation } {
  const checked =
    <Args extends unknown[], Result>(handle: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const call = args.at(-1) as { getAuthContext(): { sslPeerCertificate?: { subject?: { CN?: string } } } };
      authorize(call.getAuthContext().sslPeerCertificate?.subject?.CN ?? '');
      return handle(...args);
    };
  return {
    definition: NodeService,
    implementation: {
      logs: streamHandler(checked((request: LogsRequest, signal: AbortSignal, _call: unknown) => chunks(api.logs(request, signal)))),
      exec: duplexHandler(checked((input: AsyncIterable<SessionInput>, signal: AbortSignal, _call: unknown) => api.exec(input, signal))),
      attach: duplexHandler(checked((input: AsyncIterable<SessionInput>, signal: AbortSignal, _call: unknown) => api.attach(input, signal))),
      portForward: duplexHandler(
        checked((input: AsyncIterable<PortForwardInput>, signal: AbortSignal, _call: unknown) => api.portForward(input, signal)),
      ),
      proxy: streamHandler(checked((request: ProxyRequest, signal: AbortSignal, _call: unknown) => api.proxy(request, signal))),
    },
  };
}

/** A NodeApi at the other end of a gRPC connection. `close` ends the connection. */
export function connectNode(address: string, credentials: ChannelCredentials, options: Partial<ClientOptions> = {}): NodeApi & { close(): void } {
  const client = new NodeClient(address, credentials, options);
  return {
    async *logs(request, signal) {
      for await (const { data } of messagesOf(client.logs(request), signal)) yield data;
    },
    exec: (input, signal) => exchange(client.exec(), input, signal),
    attach: (input, signal) => exchange(client.attach(), input, signal),
    portForward: (input, signal) => exchange(client.portForward(), input, signal),
    proxy: (request, signal) => messagesOf(client.proxy(request), signal),
    close: () => client.close(),
  };
}
