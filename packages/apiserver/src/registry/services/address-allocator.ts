// Hands out service addresses and node ports. What is taken is known from the services themselves, so nothing is lost by a restart.
import { ipv4Block, type Random } from '@steersman/api';

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

  /** Takes any free number, from `from` up where given; undefined where there is none left. */
  takeAny(from = this.range.first): number | undefined {
    const size = this.range.last - from + 1;
    const start = Math.floor(this.random.number() * size);
    for (let step = 0; step < size; step++) {
      const value = from + ((start + step) % size);
      if (this.take(value)) return value;
    }
    return undefined;
  }

  release(value: number): void {
    this.taken.delete(value);
  }
}

/** The addresses of an IPv4 CIDR that services may have: all but the network's own and the last. */
export function addressRange(cidr: string): { first: number; last: number } {
  const { first, size } = ipv4Block(cidr);
  return { first: first + 1, last: first + size - 2 };
}
