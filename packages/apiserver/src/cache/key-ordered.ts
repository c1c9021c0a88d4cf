// Objects by key, listed in the order of their keys. Sorting is put off until somebody lists, and a list serves until the next change.
import type { CachedObject } from './cached-object.js';

export class KeyOrdered {
  private readonly objects = new Map<string, CachedObject>();
  /** All keys, some gone perhaps, in order up to what was added since the last list. */
  private keys: string[] = [];
  private isSorted = true;
  private hasGone = false;
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
    if (!this.objects.has(key)) {
      // One that comes again after it was deleted must not stand twice.
      if (this.hasGone) this.forgetGone();
      if (this.isSorted && this.keys.length > 0 && key < this.keys.at(-1)!) this.isSorted = false;
      this.keys.push(key);
    }
    this.objects.set(key, object);
  }

  delete(key: string): void {
    if (!this.objects.delete(key)) return;
    this.snapshot = undefined;
    this.hasGone = true;
  }

  /** In the order of the keys; not to be changed. */
  list(): readonly CachedObject[] {
    if (this.snapshot) return this.snapshot;
    if (this.hasGone) this.forgetGone();
    if (!this.isSorted) {
      this.keys.sort();
      this.isSorted = true;
    }
    this.snapshot = this.keys.map((key) => this.objects.get(key)!);
    return this.snapshot;
  }

  private forgetGone(): void {
    this.keys = this.keys.filter((key) => this.objects.has(key));
    this.hasGone = false;
  }
}
