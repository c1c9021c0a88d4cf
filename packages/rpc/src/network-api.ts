// The network API, whatever carries it: the interface that an overlay implements for the kubelet of its node, and its two ends over gRPC.
import type { ChannelCredentials, UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type AttachRequest,
  type AttachResponse,
  type DetachRequest,
  NetworkClient,
  NetworkService,
  type StatusResponse,
} from './gen/steersman/network/v1/network.js';
import { callUnary, unaryHandler } from './streams.js';

/** Attaches pod sandboxes to the pod network. Attaching twice gives the same addresses; detaching twice does nothing. */
export interface NetworkApi {
  attach(request: AttachRequest, signal?: AbortSignal): Promise<AttachResponse>;
  detach(request: DetachRequest, signal?: AbortSignal): Promise<void>;
  status(signal?: AbortSignal): Promise<StatusResponse>;
}

/** A NetworkApi as a gRPC service. */
export const networkService = (api: NetworkApi): { definition: typeof NetworkService; implementation: UntypedServiceImplementation } => ({
  definition: NetworkService,
  implementation: {
    attach: unaryHandler((request: AttachRequest) => api.attach(request)),
    detach: unaryHandler(async (request: DetachRequest) => {
      await api.detach(request);
      return {};
    }),
    status: unaryHandler(() => api.status()),
  },
});

/** A NetworkApi at the other end of a gRPC connection. `close` ends the connection. */
export function connectNetwork(address: string, credentials: ChannelCredentials): NetworkApi & { close(): void } {
  const client = new NetworkClient(address, credentials);
  return {
    attach: (request, signal) => callUnary((message: AttachRequest, done) => client.attach(message, done), request, signal),
    detach: async (request, signal) => {
      await callUnary((message: DetachRequest, done) => client.detach(message, done), request, signal);
    },
    status: (signal) => callUnary((_message: Record<string, never>, done) => client.status({}, done), {}, signal),
    close: () => client.close(),
  };
}
