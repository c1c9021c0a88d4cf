// The cache behind an informer: objects by key, by namespace and by the indexes that its users asked for.
import type { KubernetesObject } from '@steersman/api';

/** Gives the index values of an object. */
export type IndexFunction<T> = (object: T) => readonly string[];

export const keyOf = (object: { metadata?: { namespace?: string | undefined; name?: string | undefined } | undefined }): string =>
  object.metadata?.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : (object.metadata?.name ?? '');

/** `namespace/name`, or the name alone where there is no namespace. */
export const splitKey = (key: string): { namespace: string; name: string } => {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
};

class Index<T> {
  private readonly buckets = new Map<string, Map<string, T>>();

  constructor(private readonly valuesOf: IndexFunction<T>) {}

  replace(key: string, before: T | undefined, after: T | undefined): void {
    if (before !== undefined) for (const value of this.valuesOf(before)) this.remove(value, key);
    if (after !== undefined) for (const value of this.valuesOf(after)) this.insert(value, key, after);
  }

  get(value: string): T[] {
    return [...(this.buckets.get(value)?.values() ?? [])];
  }

  private insert(value: string, key: string, object: T): void {
    const bucket = this.buckets.get(value);
    if (bucket) bucket.set(key, object);
    else this.buckets.set(value, new Map([[key, object]]));
  }

  private remove(value: string, key: string): void {
    const bucket = this.buckets.get(value);
    bucket?.delete(key);
    if (bucket?.size === 0) this.buckets.delete(value);
  }
}

/** What readers of a cache see. Objects are shared and frozen. */
export interface Lister<T> {
  get(namespace: string, name: string): T | undefined;
  getByKey(key: string): T | undefined;
  /** All objects, or those of a namespace. */
  list(namespace?: string): T[];
  /** The objects that an index files under this value. */
  byIndex(index: string, value: string): T[];
  readonly size: number;
}

const namespaceIndex = 'namespace';

export class ObjectStore<T extends KubernetesObject> implements Lister<T> {
  private readonly objects = new Map<string, T>();
  private readonly indexes = new Map<string, Index<T>>();

  constructor() {
    this.addIndex(namespaceIndex, (object) => [object.metadata?.namespace ?? '']);
  }

  /** Adds an index; a second index of the same name is the first. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (this.indexes.has(name)) return;
    const index = new Index(valuesOf);
    for (const [key, object] of this.objects) index.replace(key, undefined, object);
    this.indexes.set(name, index);
  }

  get size(): number {
    return this.objects.size;
  }

  get(namespace: string, name: string): T | undefined {
    return this.objects.get(namespace ? `${namespace}/${name}` : name);
  }

  getByKey(key: string): T | undefined {
    return this.objects.get(key);
  }

  list(namespace?: string): T[] {
    return namespace ? this.byIndex(namespaceIndex, namespace) : [...this.objects.values()];
  }

  byIndex(index: string, value: string): T[] {
    const found = this.indexes.get(index);
    if (!found) throw new Error(`no index is called ${index}`);
    return found.get(value);
  }

  /** Puts the object in the place of the one with the same key, which is given back. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const before = this.objects.get(key);
    this.objects.set(key, object);
    for (const index of this.indexes.values()) index.replace(key, before, object);
    return before;
  }

  delete(key: string): T | undefined {
    const before = this.objects.get(key);
    if (before === undefined) return undefined;
    this.objects.delete(key);
    for (const index of this.indexes.values()) index.replace(key, before, undefined);
    return before;
  }

  keys(): IterableIterator<string> {
    return this.objects.keys();
  }
}
