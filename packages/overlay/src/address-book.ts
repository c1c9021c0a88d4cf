// Which sandbox has which address, as files in a directory: claimed atomically, known again after a crash.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ipv4Block, numberToIpv4 } from '@steersman/api';

export interface Claim {
  readonly address: string;
  readonly sandboxId: string;
  readonly netnsPath: string;
  readonly podUid: string;
  readonly hostPorts: readonly HostPort[];
}

export interface HostPort {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
  readonly hostIp: string;
}

export const gatewayOf = (cidr: string): string => numberToIpv4(ipv4Block(cidr).first + 1);

export class AddressBook {
  private readonly claims = new Map<string, Claim>();
  private last = 1;

  constructor(private readonly dir: string) {
    mkdirSync(dir, { recursive: true });
    for (const file of readdirSync(dir)) {
      try {
        const claim = JSON.parse(readFileSync(join(dir, file), 'utf8')) as Claim;
        this.claims.set(claim.sandboxId, claim);
      } catch {
        rmSync(join(dir, file), { force: true });
      }
    }
  }

  get(sandboxId: string): Claim | undefined {
    return this.claims.get(sandboxId);
  }

  all(): readonly Claim[] {
    return [...this.claims.values()];
  }

  /** Gives the sandbox the next free address of the range; undefined where none is left. */
  claim(cidr: string, owner: Omit<Claim, 'address'>): Claim | undefined {
    const { first, size } = ipv4Block(cidr);
    const used = new Set(this.all().map(({ address }) => address));
    for (let step = 0; step < size - 3; step++) {
      const offset = 2 + ((this.last - 1 + step) % (size - 3));
      const address = numberToIpv4(first + offset);
      if (used.has(address)) continue;
      this.last = offset;
      const claim = { address, ...owner };
      this.store(claim);
      return claim;
    }
    return undefined;
  }

  /** Writes down what has become of a claim. */
  store(claim: Claim): void {
    this.claims.set(claim.sandboxId, claim);
    writeFileSync(join(this.dir, claim.address), JSON.stringify(claim));
  }

  release(sandboxId: string): Claim | undefined {
    const claim = this.claims.get(sandboxId);
    if (!claim) return undefined;
    this.claims.delete(sandboxId);
    rmSync(join(this.dir, claim.address), { force: true });
    return claim;
  }

  /** Releases the addresses of sandboxes whose network namespace is gone. */
  sweep(): readonly Claim[] {
    return this.all().filter(({ netnsPath, sandboxId }) => !existsSync(netnsPath) && this.release(sandboxId));
  }
}
