// Revisioned key-value store: one interface, several backends.
export { createStore, type StoreOptions } from './create-store.js';
export { MemoryStore, type MemoryStoreOptions } from './memory/memory-store.js';
export { RemoteStore, type RemoteStoreOptions } from './remote/remote-store.js';
export { storageService } from './service/storage-service.js';
export { readSnapshot, restoreInto, type Snapshot } from './snapshot.js';
export {
  defaultRetention,
  type KeyValue,
  prefixEnd,
  type RangeRequest,
  type RangeResult,
  type Retention,
  type Store,
  type StoreEvent,
  type StoreStatus,
  type WatchBatch,
  type WatchRequest,
  type Write,
  type WriteResult,
} from './store.js';
export { CompactedError, FutureRevisionError, NewerDataError, StoreClosedError, StoreFullError, StoreLockedError } from './store-error.js';
