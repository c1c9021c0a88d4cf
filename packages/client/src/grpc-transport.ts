// The API over mTLS gRPC, as components deployed apart speak it. Writes share one bidirectional stream.
import { isIP } from 'node:net';
import { deepFreeze, type KubernetesObject, type Status, StatusError, serviceUnavailable } from '@steersman/api';
import { apiV1, channelOptions, clientCredentials, messagesOf, type TlsIdentity } from '@steersman/rpc';
import type {
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

/** A name that every API server's certificate has: TLS takes no address for a server name. */
const apiServerName = 'kubernetes.default.svc';

type Verb = NonNullable<apiV1.BatchRequest['verb']>;

interface Pending {
  resolve(object: KubernetesObject): void;
  reject(error: Error): void;
}

const messagePath = ({ group, version, resource, namespace = '', name = '', subresource = '' }: ResourcePath): apiV1.ResourcePath => ({
  group,
  version,
  resource,
  namespace,
  name,
  subresource,
});

const messageOptions = ({ dryRun = false, fieldManager = '', fieldValidation, force = false }: WriteOptions): apiV1.WriteOptions => ({
  dryRun,
  fieldManager,
  fieldValidation: fieldValidation ?? '',
  force,
});

const parse = (bytes: Uint8Array): KubernetesObject =>
  deepFreeze(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as KubernetesObject);

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const typeNames: Partial<Record<apiV1.WatchEvent_Type, WatchEventType>> = {
  [apiV1.WatchEvent_Type.TYPE_ADDED]: 'ADDED',
  [apiV1.WatchEvent_Type.TYPE_MODIFIED]: 'MODIFIED',
  [apiV1.WatchEvent_Type.TYPE_DELETED]: 'DELETED',
  [apiV1.WatchEvent_Type.TYPE_BOOKMARK]: 'BOOKMARK',
  [apiV1.WatchEvent_Type.TYPE_ERROR]: 'ERROR',
};

/** Calls in flight on one stream, matched to their answers by id. */
class BatchStream {
  private readonly pending = new Map<number, Pending>();
  private readonly stream: ReturnType<apiV1.ApiClient['batch']>;
  private nextId = 1;
  broken = false;

  constructor(client: apiV1.ApiClient) {
    this.stream = client.batch();
    this.stream.on('data', (response: apiV1.BatchResponse) => this.answer(response));
    this.stream.on('error', (error) => this.fail(error));
    this.stream.on('end', () => this.fail(new Error('the API server ended the stream')));
  }

  call(verb: Verb, signal?: AbortSignal): Promise<KubernetesObject> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const abandon = (): void => {
        this.pending.delete(id);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const settle = (): void => signal?.removeEventListener('abort', abandon);
      this.pending.set(id, {
        resolve: (object) => {
          settle();
          resolve(object);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener('abort', abandon, { once: true });
      this.stream.write({ id, verb });
    });
  }

  private answer({ id, outcome }: apiV1.BatchResponse): void {
    const waiting = this.pending.get(id);
    if (!waiting || !outcome) return;
    this.pending.delete(id);
    if (outcome.$case === 'response') waiting.resolve(parse(outcome.value.object));
    else waiting.reject(new StatusError(JSON.parse(outcome.value.toString()) as Status));
  }

  private fail(cause: Error): void {
    this.broken = true;
    for (const waiting of this.pending.values()) waiting.reject(serviceUnavailable(`the connection to the API server was lost: ${cause.message}`));
    this.pending.clear();
  }
}

/** An ApiTransport at the other end of a gRPC connection. `close` ends the connection. */
export class GrpcTransport implements ApiTransport {
  private readonly client: apiV1.ApiClient;
  private batch: BatchStream | undefined;

  /** `program` is who calls, for the managers of what it writes. */
  constructor(address: string, identity: TlsIdentity, program?: string) {
    const byAddress = isIP(address.replace(/:\d+$/, '')) !== 0;
    this.client = new apiV1.ApiClient(address, clientCredentials(identity), {
      ...channelOptions,
      ...(program && { 'grpc.primary_user_agent': program }),
      ...(byAddress && { 'grpc.ssl_target_name_override': apiServerName }),
    });
  }

  get(path: ResourcePath, { resourceVersion = '' }: GetOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.call({ $case: 'get', value: { path: messagePath(path), resourceVersion } }, signal);
  }

  async list(path: ResourcePath, options: ListOptions, signal?: AbortSignal): Promise<ListResult> {
    const request: apiV1.ListRequest = {
      path: messagePath(path),
      labelSelector: options.labelSelector ?? '',
      fieldSelector: options.fieldSelector ?? '',
      limit: options.limit ?? 0,
      continue: options.continue ?? '',
      resourceVersion: options.resourceVersion ?? '',
      resourceVersionMatch: options.resourceVersionMatch ?? '',
    };
    const items: KubernetesObject[] = [];
    let last: apiV1.ListChunk | undefined;
    for await (const chunk of messagesOf(this.client.list(request), signal)) {
      for (const item of chunk.items) items.push(parse(item));
      last = chunk;
    }
    signal?.throwIfAborted();
    if (!last) throw serviceUnavailable('the API server ended the list before its first chunk');
    return {
      items,
      resourceVersion: last.resourceVersion,
      ...(last.continue && { continue: last.continue }),
      ...(last.remainingItemCount !== undefined && { remainingItemCount: last.remainingItemCount }),
    };
  }

  async *watch(path: ResourcePath, options: WatchOptions, signal: AbortSignal): AsyncIterable<readonly WatchEvent[]> {
    const request: apiV1.WatchRequest = {
      path: messagePath(path),
      labelSelector: options.labelSelector ?? '',
      fieldSelector: options.fieldSelector ?? '',
      resourceVersion: options.resourceVersion ?? '',
      allowBookmarks: options.allowBookmarks ?? false,
      sendInitialEvents: options.sendInitialEvents ?? false,
    };
    for await (const { events } of messagesOf(this.client.watch(request), signal))
      yield events.map(({ type, object }) => ({ type: typeNames[type] ?? 'ERROR', object: parse(object) }));
  }

  create(path: ResourcePath, object: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.call({ $case: 'create', value: { path: messagePath(path), object: encode(object), options: messageOptions(options) } }, signal);
  }

  update(path: ResourcePath, object: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.call({ $case: 'update', value: { path: messagePath(path), object: encode(object), options: messageOptions(options) } }, signal);
  }

  patch(path: ResourcePath, type: PatchType, patch: unknown, options: WriteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.call({ $case: 'patch', value: { path: messagePath(path), type, patch: encode(patch), options: messageOptions(options) } }, signal);
  }

  delete(path: ResourcePath, options: DeleteOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    return this.call({ $case: 'delete', value: { path: messagePath(path), options: encode(options), labelSelector: '', fieldSelector: '' } }, signal);
  }

  deleteCollection(path: ResourcePath, options: DeleteOptions, selectors: ListOptions, signal?: AbortSignal): Promise<KubernetesObject> {
    const { labelSelector = '', fieldSelector = '' } = selectors;
    return this.call({ $case: 'delete', value: { path: messagePath(path), options: encode(options), labelSelector, fieldSelector } }, signal);
  }

  close(): void {
    this.client.close();
  }

  private call(verb: Verb, signal?: AbortSignal): Promise<KubernetesObject> {
    if (!this.batch || this.batch.broken) this.batch = new BatchStream(this.client);
    return this.batch.call(verb, signal);
  }
}
