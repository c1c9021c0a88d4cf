// The watch cache of one resource: every object in its latest version, and a ring of recent events shared by all watchers.
import { expired } from '@steersman/api';
import type { CachedObject } from './cached-object.js';
import { KeyOrdered } from './key-ordered.js';

/** One change. `previous` is the version before it, for selectors that no longer (or only now) match. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: CachedObject;
  readonly previous?: CachedObject;
}

/** Told of every change in order; must not throw. */
export type CacheListener = (event: CacheEvent) => void;

/** How many events are kept for watches that start in the past. */
const ringSize = 8192;

/** Values of so few objects are kept whether or not somebody asks for them. */
const fewObjects = 500;

export class ResourceCache {
  private readonly objects = new KeyOrdered();
  private readonly byNamespace = new Map<string, KeyOrdered>();
  private ring: CacheEvent[] = [];
  /** Watches may start at this revision or later. */
  private oldestRevision = 0;
  /** What came before is in what was loaded. */
  private loadedRevision = 0;
  private readonly listeners = new Set<CacheListener>();

  constructor(readonly prefix: string) {}

  get size(): number {
    return this.objects.size;
  }

  /** Puts what the store held at `revision` in place; watches can start from there. */
  load(items: readonly CachedObject[], revision: number): void {
    for (const item of items) this.put(item);
    this.oldestRevision = revision;
    this.loadedRevision = revision;
  }

  get(key: string): CachedObject | undefined {
    return this.objects.get(key);
  }

  /** Every object, or those of a namespace, in the order of their keys. */
  list(namespace?: string): readonly CachedObject[] {
    return namespace === undefined ? this.objects.list() : (this.byNamespace.get(namespace)?.list() ?? []);
  }

  count(namespace?: string): number {
    return namespace === undefined ? this.objects.size : (this.byNamespace.get(namespace)?.size ?? 0);
  }

  /** Takes over a write that the store has made. */
  applyPut(object: CachedObject): void {
    if (object.revision <= this.loadedRevision) return;
    const previous = this.objects.get(object.key);
    if (previous && previous.revision >= object.revision) return;
    this.put(object);
    this.publish({ type: previous ? 'MODIFIED' : 'ADDED', revision: object.revision, object, ...(previous && { previous }) });
  }

  /** Takes over a deletion that the store has made. */
  applyDelete(key: string, revision: number): void {
    if (revision <= this.loadedRevision) return;
    const previous = this.objects.get(key);
    if (!previous) return;
    this.objects.delete(key);
    const namespace = this.namespaceOf(key);
    const members = this.byNamespace.get(namespace);
    members?.delete(key);
    if (members?.size === 0) this.byNamespace.delete(namespace);
    this.publish({ type: 'DELETED', revision, object: previous.atRevision(revision), previous });
  }

  /** The events after a revision, then every further one through `listener`. Throws 410 where they are no longer kept. */
  subscribe(after: number, listener: CacheListener): { readonly backlog: readonly CacheEvent[]; unsubscribe(): void } {
    if (after < this.oldestRevision) throw expired(`too old resource version: ${after} (${this.oldestRevision})`);
    const backlog = this.ring.slice(firstAfter(this.ring, after));
    this.listeners.add(listener);
    return { backlog, unsubscribe: () => this.listeners.delete(listener) };
  }

  /** Tells of every further change; what there is now, `list` gives. */
  follow(listener: CacheListener): void {
    this.listeners.add(listener);
  }

  /** Lets values go that nobody asked for since the last call. */
  rest(): void {
    if (this.objects.size + this.ring.length < fewObjects) return;
    for (const object of this.objects.list()) object.rest();
    for (const { object, previous } of this.ring) {
      if (this.objects.get(object.key) !== object) object.rest();
      if (previous) previous.rest();
    }
  }

  private put(object: CachedObject): void {
    this.objects.set(object);
    const namespace = this.namespaceOf(object.key);
    let members = this.byNamespace.get(namespace);
    if (!members) {
      members = new KeyOrdered();
      this.byNamespace.set(namespace, members);
    }
    members.set(object);
  }

  private publish(event: CacheEvent): void {
    this.ring.push(event);
    if (this.ring.length > 2 * ringSize) {
      this.ring = this.ring.slice(ringSize);
      this.oldestRevision = this.ring[0]!.revision - 1;
    }
    for (const listener of this.listeners) listener(event);
  }

  private namespaceOf(key: string): string {
    const slash = key.indexOf('/', this.prefix.length);
    return slash < 0 ? '' : key.slice(this.prefix.length, slash);
  }
}

/** The index of the first event after a revision. */
function firstAfter(ring: readonly CacheEvent[], revision: number): number {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ring[middle]!.revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
