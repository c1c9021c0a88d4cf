// What the etcd backend needs of etcd3: its services without its retries (a write whose outcome is unknown must not be
// sent again), and the raw watch stream (progress requests are not part of its watchers).
import { Etcd3, type IKeyValue, type IOptions } from 'etcd3';
import { WatchClient } from 'etcd3/lib/rpc.js';
import type { KeyValue } from '../store.js';

export interface EtcdConnection {
  /** `http://` or `https://` addresses. */
  readonly endpoints: readonly string[];
  /** PEM; `cert` and `key` where etcd asks for a client certificate. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
}

/** Runs the call once, and lets it fail. */
const once = { execute: async (call: (context: { signal: AbortSignal }) => unknown) => call({ signal: new AbortController().signal }) };
type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

export class EtcdClient extends Etcd3 {
  readonly watches: WatchClient;

  constructor({ endpoints, tls }: EtcdConnection) {
    const single = endpoints.length === 1;
    super({
      hosts: [...endpoints],
      grpcOptions: {
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        'grpc.keepalive_time_ms': 30_000,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1_000,
      },
      // With several endpoints etcd3 avoids one that failed for some seconds; with one there is nothing to turn to.
      faultHandling: { global: once as unknown as Policy, ...(single && { host: () => once as unknown as Policy }) },
      ...(tls && {
        credentials: {
          rootCertificate: Buffer.from(tls.ca),
          ...(tls.key && { privateKey: Buffer.from(tls.key) }),
          ...(tls.cert && { certChain: Buffer.from(tls.cert) }),
        },
      }),
    });
    this.watches = new WatchClient(this.pool);
  }
}

export const toKeyValue = (pair: IKeyValue): KeyValue => ({
  key: pair.key.toString(),
  value: pair.value,
  createRevision: Number(pair.create_revision),
  modRevision: Number(pair.mod_revision),
  version: Number(pair.version),
});

/** etcd knows no empty key; `\0` is its first. */
export const startBytes = (start: string): Buffer => Buffer.from(start || '\0');

/** As a range's end `\0` means: to the last key. */
export const endBytes = (end: string): Buffer => Buffer.from(end === '\uffff' ? '\0' : end);
