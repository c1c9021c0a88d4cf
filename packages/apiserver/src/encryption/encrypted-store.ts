// A store whose values are sealed on their way in and opened on their way out: what is above it sees objects, what is below sees no secrets.
import type {
  KeyValue,
  RangeRequest,
  RangeResult,
  Store,
  StoreEvent,
  StoreStatus,
  WatchBatch,
  WatchRequest,
  Write,
  WriteResult,
} from '@steersman/storage';
import type { EncryptionRules } from './encryption-rules.js';

export class EncryptedStore implements Store {
  readonly name: string;
  /** What was just sealed need not be opened again when the store tells of it. */
  private readonly opened = new WeakMap<Uint8Array, Uint8Array>();

  constructor(
    private readonly store: Store,
    private readonly rules: EncryptionRules,
  ) {
    this.name = store.name;
  }

  get ready(): Promise<void> {
    return this.store.ready;
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const result = await this.store.range(request);
    return request.keysOnly || request.countOnly ? result : { ...result, items: result.items.map((item) => this.item(item)) };
  }

  async write({ key, value, ...rest }: Write): Promise<WriteResult> {
    const sealed = value && this.rules.seal(key, value);
    if (sealed && value) this.opened.set(sealed, value);
    const result = await this.store.write({ key, value: sealed, ...rest });
    if (result.ok) return result.previous ? { ...result, previous: this.item(result.previous) } : result;
    return result.current ? { ...result, current: this.item(result.current) } : result;
  }

  async *watch(request: WatchRequest, signal: AbortSignal): AsyncIterable<WatchBatch> {
    for await (const batch of this.store.watch(request, signal)) yield { ...batch, events: batch.events.map((event) => this.event(event)) };
  }

  /** Whether a value lies in the store otherwise than it would be written now. */
  async isStale(key: string): Promise<boolean> {
    const [item] = (await this.store.range({ start: key })).items;
    return item !== undefined && this.rules.isStale(key, item.value);
  }

  compact(revision: number): Promise<void> {
    return this.store.compact(revision);
  }

  status(): Promise<StoreStatus> {
    return this.store.status();
  }

  /** As the values lie in the store: sealed. */
  snapshot(): AsyncIterable<Uint8Array> {
    return this.store.snapshot();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.store.run(signal);
  }

  private open(key: string, sealed: Uint8Array): Uint8Array {
    return this.opened.get(sealed) ?? this.rules.open(key, sealed);
  }

  private item(item: KeyValue): KeyValue {
    return { ...item, value: this.open(item.key, item.value) };
  }

  private event(event: StoreEvent): StoreEvent {
    return {
      ...event,
      ...(event.value && { value: this.open(event.key, event.value) }),
      ...(event.previous && { previous: this.item(event.previous) }),
    };
  }
}
