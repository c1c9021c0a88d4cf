// Makes a store by its kind: what `--store` and the configuration files choose from.
import type { Clock } from '@steersman/api';
import { MemoryStore } from './memory/memory-store.js';
import type { Snapshot } from './snapshot.js';
import type { Retention, Store } from './store.js';

export interface StoreOptions {
  readonly kind: 'memory' | 'embedded' | 'etcd';
  readonly clock: Clock;
  /** embedded: where the data is. */
  readonly dataDir?: string;
  /** embedded: whether a commit is forced to disk; true unless told otherwise. */
  readonly durable?: boolean;
  /** etcd: `http://` or `https://` addresses. */
  readonly endpoints?: readonly string[];
  /** etcd: PEM. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
  readonly retention?: Retention;
  /** memory and embedded: where the store counts as full. */
  readonly maxBytes?: number;
  /** memory and embedded: what a new store starts with. */
  readonly snapshot?: Snapshot;
}

/** Loads no more than the backend that is asked for. */
export async function createStore({ kind, dataDir, endpoints, ...options }: StoreOptions): Promise<Store> {
  switch (kind) {
    case 'memory':
      return new MemoryStore(options);
    case 'embedded':
      if (!dataDir) throw new Error('the embedded store needs a data directory');
      return new (await import('./embedded/embedded-store.js')).EmbeddedStore({ ...options, dataDir });
    case 'etcd':
      if (!endpoints?.length) throw new Error('the etcd store needs endpoints');
      return new (await import('./etcd/etcd-store.js')).EtcdStore({ ...options, endpoints });
  }
}
