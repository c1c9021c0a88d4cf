// A binary heap: the least item first, by a comparison that is given; items can be taken out of the middle.

export class BinaryHeap<T> {
  private readonly items: T[] = [];

  constructor(private readonly less: (a: T, b: T) => boolean) {}

  push(item: T): void {
    this.items.push(item);
    this.up(this.items.length - 1);
  }

  pop(): T | undefined {
    return this.items.length ? this.removeAt(0) : undefined;
  }

  /** Takes out the first item found that matches. */
  remove(matches: (item: T) => boolean): T | undefined {
    const index = this.items.findIndex(matches);
    return index < 0 ? undefined : this.removeAt(index);
  }

  private removeAt(index: number): T {
    const removed = this.items[index]!;
    const last = this.items.pop()!;
    if (index < this.items.length) {
      this.items[index] = last;
      this.up(index);
      this.down(index);
    }
    return removed;
  }

  private up(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.less(this.items[index]!, this.items[parent]!)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private down(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.items.length) return;
      const right = left + 1;
      const child = right < this.items.length && this.less(this.items[right]!, this.items[left]!) ? right : left;
      if (!this.less(this.items[child]!, this.items[index]!)) return;
      this.swap(index, child);
      index = child;
    }
  }

  private swap(a: number, b: number): void {
    const item = this.items[a]!;
    this.items[a] = this.items[b]!;
    this.items[b] = item;
  }
}
