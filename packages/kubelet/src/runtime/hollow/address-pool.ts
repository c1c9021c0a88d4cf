// Hands out the addresses of simulated sandboxes from the node's pod CIDR.
import { formatIp, networkOf, parseCidr } from '@steersman/api';

export class AddressPool {
  private network: readonly number[] = [10, 244, 0, 0];
  private size = 256;
  private next = 1;
  private readonly taken = new Map<string, string>();
  private readonly used = new Set<string>();

  use(cidr: string): void {
    const block = parseCidr(cidr);
    if (!block) return;
    this.network = networkOf(block);
    this.size = 2 ** Math.min(16, block.address.bytes.length * 8 - block.length);
    this.next = 1;
  }

  /** An address for the owner. Where the range is used up, addresses come again from its start: nothing is ever sent to them. */
  take(owner: string): string {
    let address = '';
    for (let tries = 0; tries < this.size; tries++) {
      address = this.at(this.next);
      this.next = this.next + 2 >= this.size ? 1 : this.next + 1;
      if (!this.used.has(address)) break;
    }
    this.used.add(address);
    this.taken.set(owner, address);
    return address;
  }

  release(owner: string): void {
    const address = this.taken.get(owner);
    if (address === undefined) return;
    this.taken.delete(owner);
    this.used.delete(address);
  }

  private at(offset: number): string {
    const bytes = [...this.network];
    for (let index = bytes.length - 1, rest = offset; index >= 0 && rest > 0; index--) {
      const sum = bytes[index]! + (rest & 0xff);
      bytes[index] = sum & 0xff;
      rest = (rest >> 8) + (sum >> 8);
    }
    return formatIp({ bytes });
  }
}
