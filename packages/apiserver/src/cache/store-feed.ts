// One watch of the whole store feeds the caches of all resources, so that "caught up to revision N" holds for all at once.
import { type Clock, type Logger, timeoutError } from '@steersman/api';
import { CompactedError, prefixEnd, type Store, type StoreEvent } from '@steersman/storage';
import { CachedObject, type EncodedObject } from './cached-object.js';
import { ResourceCache } from './resource-cache.js';

const rootPrefix = '/registry/';
const pageSize = 5000;
/** How long a read waits for the cache to reach the store's revision. */
const catchUpMs = 3000;
/** How often values that nobody asks for are let go. */
const restMs = 5000;

interface Waiter {
  readonly revision: number;
  readonly wake: () => void;
}

/** A resource cache on its way: events wait until its first load is in. */
interface Loading {
  readonly cache: ResourceCache;
  readonly events: StoreEvent[];
}

export class StoreFeed {
  readonly name = 'store feed';
  readonly ready: Promise<void>;
  private readonly opened = new Map<string, Promise<ResourceCache>>();
  private readonly caches = new Map<string, ResourceCache>();
  private readonly loading = new Set<Loading>();
  private readonly encoded = new WeakMap<Uint8Array, EncodedObject>();
  private waiters: Waiter[] = [];
  private seen = 0;
  private asked: Promise<number> | undefined;
  private resolveReady!: () => void;

  constructor(
    readonly store: Store,
    private readonly options: { clock: Clock; logger: Logger },
  ) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
  }

  /** Every change up to this revision is in the caches. */
  get revision(): number {
    return this.seen;
  }

  /** Remembers how bytes just written were made, so that the cache need not decode them. */
  remember(encoded: EncodedObject): void {
    this.encoded.set(encoded.bytes, encoded);
  }

  /** The cache of everything below a key prefix; filled before it is given back. */
  open(prefix: string): Promise<ResourceCache> {
    const known = this.opened.get(prefix);
    if (known) return known;
    const opening = this.load(prefix);
    this.opened.set(prefix, opening);
    opening.catch(() => this.opened.delete(prefix));
    return opening;
  }

  private async load(prefix: string): Promise<ResourceCache> {
    const cache = new ResourceCache(prefix);
    const loading: Loading = { cache, events: [] };
    this.loading.add(loading);
    const { items, revision } = await this.read(prefix);
    cache.load(items, revision);
    for (const event of loading.events) this.apply(cache, event);
    this.loading.delete(loading);
    this.caches.set(prefix, cache);
    return cache;
  }

  close(prefix: string): void {
    this.opened.delete(prefix);
    this.caches.delete(prefix);
  }

  /** Watches the store until the signal aborts; a lost watch is taken up where it broke off. */
  async run(signal: AbortSignal): Promise<void> {
    this.seen = (await this.store.status()).revision;
    this.resolveReady();
    await Promise.all([this.follow(signal), this.restNowAndThen(signal)]);
  }

  private async restNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.options.clock.sleep(restMs, signal);
      for (const cache of this.caches.values()) cache.rest();
    }
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const batch of this.store.watch({ start: rootPrefix, end: prefixEnd(rootPrefix), after: this.seen }, signal)) {
          for (const event of batch.events) this.dispatch(event);
          this.advance(batch.revision);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.options.logger.warn('store watch broke off, resuming', { err: error });
        if (error instanceof CompactedError) throw new Error('the store compacted what the watch cache had not seen', { cause: error });
        await this.options.clock.sleep(200, signal);
      }
    }
  }

  /** Resolves once the caches hold everything the store holds now. */
  async caughtUp(): Promise<void> {
    await this.reached(await this.storeRevision());
  }

  /** Resolves once the caches hold everything up to `revision`; rejects with 504 where that takes too long. */
  async reached(revision: number): Promise<void> {
    if (revision <= this.seen) return;
    await new Promise<void>((resolve, reject) => {
      const timer = this.options.clock.after(catchUpMs, () => {
        this.waiters = this.waiters.filter((one) => one !== waiter);
        const error = timeoutError(`Too large resource version: ${revision}, current: ${this.seen}`, 1);
        error.status.details = { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 };
        reject(error);
      });
      const waiter = {
        revision,
        wake: () => {
          timer.cancel();
          resolve();
        },
      };
      this.waiters.push(waiter);
    });
  }

  /** The store's revision; concurrent callers share one answer, asked for after each of them called. */
  private storeRevision(): Promise<number> {
    this.asked ??= Promise.resolve()
      .then(() => {
        this.asked = undefined;
        return this.store.status();
      })
      .then(({ revision }) => revision);
    return this.asked;
  }

  private async read(prefix: string): Promise<{ items: CachedObject[]; revision: number }> {
    const items: CachedObject[] = [];
    let start = prefix;
    let revision: number | undefined;
    for (;;) {
      const page = await this.store.range({ start, end: prefixEnd(prefix), limit: pageSize, ...(revision !== undefined && { revision }) });
      revision ??= page.revision;
      for (const { key, modRevision, value } of page.items) items.push(CachedObject.fromBytes(key, modRevision, value));
      const last = page.items.at(-1);
      if (!page.more || !last) return { items, revision };
      start = `${last.key}\0`;
    }
  }

  private dispatch(event: StoreEvent): void {
    for (const { cache, events } of this.loading) if (event.key.startsWith(cache.prefix)) events.push(event);
    const cache = this.cacheOf(event.key);
    if (cache) this.apply(cache, event);
  }

  /** The cache whose prefix the key has: prefixes have two to four segments. */
  private cacheOf(key: string): ResourceCache | undefined {
    let end = key.indexOf('/', rootPrefix.length);
    while (end > 0) {
      const cache = this.caches.get(key.slice(0, end + 1));
      if (cache) return cache;
      end = key.indexOf('/', end + 1);
    }
    return undefined;
  }

  private apply(cache: ResourceCache, event: StoreEvent): void {
    if (event.type === 'delete' || !event.value) {
      cache.applyDelete(event.key, event.revision);
      return;
    }
    const encoded = this.encoded.get(event.value);
    cache.applyPut(
      encoded ? CachedObject.stored(event.key, event.revision, encoded) : CachedObject.fromBytes(event.key, event.revision, event.value),
    );
  }

  private advance(revision: number): void {
    if (revision <= this.seen) return;
    this.seen = revision;
    if (this.waiters.length === 0) return;
    const due = this.waiters.filter((waiter) => waiter.revision <= revision);
    this.waiters = this.waiters.filter((waiter) => waiter.revision > revision);
    for (const waiter of due) waiter.wake();
  }
}
