// gRPC contracts: generated stubs, error mapping, streams, credentials, servers.
export { credentials as grpcCredentials, Metadata, ServerCredentials } from '@grpc/grpc-js';
export * as apiV1 from './gen/steersman/api/v1/api.js';
export * as networkV1 from './gen/steersman/network/v1/network.js';
export * as nodeV1 from './gen/steersman/node/v1/node.js';
export * as storageV1 from './gen/steersman/storage/v1/storage.js';
export { connectNetwork, type NetworkApi, networkService } from './network-api.js';
export { connectNode, type NodeApi, nodeService } from './node-api.js';
export {
  channelOptions,
  clientCredentials,
  GrpcServer,
  type GrpcServerOptions,
  type GrpcService,
  serverCredentials,
  type TlsIdentity,
} from './server.js';
export { fromServiceError, isCancelled, toServiceError } from './status-metadata.js';
export { callUnary, duplexHandler, exchange, messagesOf, streamHandler, unaryHandler } from './streams.js';
