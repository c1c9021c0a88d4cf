// Hands out node ports. What is taken is known from the services themselves, so nothing is lost by a restart.
import type { Random } from '@steersman/api';

/** A pool of whole numbers in [first, last]. */
export class NumberPool {
  private readonly taken = new Set<number>();

  constructor(
    private readonly range: { readonly first: number; readonly last: number },
    private readonly random: Random,
  ) {}

  has(value: number): boolean {
    return value >= this.range.first && value <= this.range.last;
  }

  /** Takes a given number; false where it is taken already. */
  take(value: number): boolean {
    if (this.taken.has(value)) return false;
    this.taken.add(value);
    return true;
  }

  /** Takes any free number; undefined where there is none left. */
  takeAny(): number | undefined {
    const { first, last } = this.range;
    const size = last - first + 1;
    const start = Math.floor(this.random.number() * size);
    for (let step = 0; step < size; step++) {
      const value = first + ((start + step) % size);
      if (this.take(value)) return value;
    }
    return undefined;
  }

  release(value: number): void {
    this.taken.delete(value);
  }
}
