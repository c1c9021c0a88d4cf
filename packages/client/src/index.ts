// Typed client over memory, gRPC or REST; informers, listers, work queue, expectations, leader election, events.
export { applyPatch, Client, type Draft, jsonPatch, mergePatch, type ObjectKey, type ObjectLike, strategicMerge } from './client.js';
export { type EventDetails, EventRecorder, type EventRecorderOptions } from './event-recorder.js';
export { Expectations } from './expectations.js';
export { GrpcTransport } from './grpc-transport.js';
export {
  Informer,
  type InformerEvent,
  type InformerHandler,
  type InformerOptions,
  ResourceInformer,
  type ResourceInformerOptions,
} from './informer.js';
export { InformerFactory, type InformerFactoryOptions } from './informer-factory.js';
export { kubeconfigText, readKubeconfig } from './kubeconfig.js';
export { LeaderElection, type LeaderElectionOptions } from './leader-election.js';
export { type IndexFunction, keyOf, type Lister, ObjectStore, splitKey } from './object-store.js';
export { urlPath, urlQuery } from './rest-path.js';
export { type RestConfig, RestTransport } from './rest-transport.js';
export { requestToken, ServiceAccountToken, type ServiceAccountTokenOptions, type TokenSource } from './service-account-token.js';
export type {
  ApiTransport,
  DeleteOptions,
  GetOptions,
  ListOptions,
  ListResult,
  PatchType,
  ResourcePath,
  WatchEvent,
  WatchEventType,
  WatchOptions,
  WriteOptions,
} from './transport.js';
export { type BackoffOptions, WorkQueue } from './workqueue.js';
