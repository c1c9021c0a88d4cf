// A range that services have their addresses from: all of an IPv4 block but its network's own address and the last.
import { ipv4Block } from '@steersman/api';

/** First and last address as numbers; automatic ones come from `firstDynamic` on as long as there are any. */
export interface ServiceRange {
  readonly cidr: string;
  readonly first: number;
  readonly last: number;
  readonly firstDynamic: number;
}

/** How many addresses are left to people: a sixteenth, at least 16, at most 256, none of a small range. */
const staticShare = (size: number): number => (size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 16)), 256));

export function serviceRange(cidr: string): ServiceRange {
  const block = ipv4Block(cidr);
  const first = block.first + 1;
  return { cidr, first, last: block.first + block.size - 2, firstDynamic: first + staticShare(block.size - 2) };
}
