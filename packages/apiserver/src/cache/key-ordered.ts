// Objects by key, listed in the order of their keys. Sorting is put off until somebody lists, and a list serves until the next change.
import type { CachedObject } from './cached-object.js';

/** So many keys may be gone beyond as many as there are. */
const mostGone = 1000;

export class KeyOrdered {
  private readonly objects = new Map<string, CachedObject>();
  /** All keys, and those that have gone since the last list; in order up to what was added since then. */
  private keys: string[] = [];
  private isSorted = true;
  private readonly gone = new Set<string>();
  private snapshot: readonly CachedObject[] | undefined;

  get size(): number {
    return this.objects.size;
  }

  get(key: string): CachedObject | undefined {
    return this.objects.get(key);
  }

  set(object: CachedObject): void {
    const { key } = object;
    this.snapshot = undefined;
    // One that comes again after it was deleted still has its place.
    if (!this.objects.has(key) && !this.gone.delete(key)) {
      if (this.isSorted && this.keys.length > 0 && key < this.keys.at(-1)!) this.isSorted = false;
      this.keys.push(key);
    }
    this.objects.set(key, object);
  }

  delete(key: string): void {
    if (!this.objects.delete(key)) return;
    this.snapshot = undefined;
    this.gone.add(key);
    // Where things come and go and nobody lists, what has gone must not pile up.
    if (this.gone.size > this.objects.size + mostGone) this.forgetGone();
  }

  /** In the order of the keys; not to be changed. */
  list(): readonly CachedObject[] {
    if (this.snapshot) return this.snapshot;
    if (this.gone.size > 0) this.forgetGone();
    if (!this.isSorted) {
      this.keys.sort();
      this.isSorted = true;
    }
    this.snapshot = this.keys.map((key) => this.objects.get(key)!);
    return this.snapshot;
  }

  private forgetGone(): void {
    this.keys = this.keys.filter((key) => !this.gone.has(key));
    this.gone.clear();
  }
}
