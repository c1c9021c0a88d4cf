// The pod network of a node: a bridge, a veth pair and an address for each sandbox, and the firewall rules around them.
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, ipv4Block, type Logger, serviceUnavailable } from '@steersman/api';
import { aborted, addJumps, hasChain, missingJumps, type Runnable, restoreFirewall, runCommand, savedFirewall } from '@steersman/component-base';
import type { NetworkApi, networkV1 } from '@steersman/rpc';
import { AddressBook, type Claim, gatewayOf } from './address-book.js';
import { firewallText, jumps, ownChains } from './firewall.js';
import { defaultBridge } from './host-network.js';
import { ipBatch } from './ip-batch.js';
import { claimNetwork } from './network-owner.js';

export interface OverlayOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where it keeps which sandbox has which address. */
  readonly dataDir: string;
  readonly clusterCidr: string;
  /** Name of the bridge, at most 15 characters. */
  readonly bridge?: string;
  readonly mtu?: number;
}

const resyncMs = 30_000;

/** The host's end of a sandbox's link. */
const linkName = (sandboxId: string): string => `veth${createHash('sha256').update(sandboxId).digest('hex').slice(0, 10)}`;

export class Overlay implements NetworkApi, Runnable {
  readonly name = 'overlay';
  private readonly book: AddressBook;
  private readonly bridge: string;
  private podCidr: string | undefined;
  private problem = 'the node has no range of pod addresses yet';
  /** Changes to the host's network happen one after another. */
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: OverlayOptions) {
    this.bridge = options.bridge ?? defaultBridge;
    this.book = new AddressBook(join(options.dataDir, 'addresses'));
  }

  /** The node's range is known: makes the bridge. Gives the node's own address on the pod network. */
  async start(podCidr: string): Promise<string> {
    await this.exclusively(async () => {
      try {
        await this.prepare(podCidr);
        this.podCidr = podCidr;
        this.problem = '';
      } catch (error) {
        this.problem = (error as Error).message;
        throw error;
      }
    });
    return gatewayOf(podCidr);
  }

  /** Keeps bridge and rules as they should be until the signal aborts; they stay, as pods do. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.options;
    while (!signal.aborted) {
      await clock.sleep(resyncMs, signal);
      if (signal.aborted || !this.podCidr) continue;
      this.book.sweep();
      await this.exclusively(() => this.resync()).catch((err: unknown) => logger.warn('restoring the overlay rules failed', { err }));
    }
    await aborted(signal);
    await this.tail;
  }

  async status(): Promise<networkV1.StatusResponse> {
    return { ready: this.podCidr !== undefined, message: this.problem, podCidr: this.podCidr ?? '' };
  }

  async attach(request: networkV1.AttachRequest): Promise<networkV1.AttachResponse> {
    const known = this.book.get(request.sandboxId);
    if (known && existsSync(join('/sys/class/net', linkName(request.sandboxId)))) return { addresses: [known.address] };
    if (known) this.book.release(request.sandboxId);
    return this.exclusively(async () => {
      const claim = this.claim(request);
      try {
        await this.connect(claim);
        if (claim.hostPorts.length) await this.applyFirewall();
      } catch (error) {
        this.book.release(claim.sandboxId);
        throw error;
      }
      return { addresses: [claim.address] };
    });
  }

  async detach({ sandboxId }: networkV1.DetachRequest): Promise<void> {
    const claim = this.book.release(sandboxId);
    if (!claim) return;
    await this.exclusively(async () => {
      const link = linkName(sandboxId);
      if (existsSync(join('/sys/class/net', link))) await runCommand('ip', ['link', 'delete', link]).catch(() => undefined);
      if (claim.hostPorts.length) await this.applyFirewall();
    });
  }

  private claim({ sandboxId, netnsPath, podUid, hostPorts }: networkV1.AttachRequest): Claim {
    if (!this.podCidr) throw serviceUnavailable(this.problem);
    const owner = { sandboxId, netnsPath, podUid, hostPorts };
    const claim = this.book.claim(this.podCidr, owner) ?? (this.book.sweep().length ? this.book.claim(this.podCidr, owner) : undefined);
    if (!claim) throw serviceUnavailable(`no address is left in ${this.podCidr}`);
    return claim;
  }

  private async connect({ sandboxId, netnsPath, address }: Claim): Promise<void> {
    const link = linkName(sandboxId);
    const pid = /^\/proc\/(\d+)\//.exec(netnsPath)?.[1];
    if (!pid) throw new Error(`${netnsPath} is not the network namespace of a process`);
    const mtu = this.options.mtu ?? 1500;
    const { bits } = ipv4Block(this.podCidr!);
    if (!this.hasBridge()) await this.restore();
    await ipBatch([
      `link add ${link} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${pid}`,
      `link set ${link} master ${this.bridge} up`,
      `link set ${link} type bridge_slave hairpin on`,
    ]);
    await ipBatch(
      [
        `addr add ${address}/${bits} dev eth0`,
        'link set lo up',
        'link set eth0 up',
        `route replace default via ${gatewayOf(this.podCidr!)} dev eth0`,
      ],
      netnsPath,
    );
  }

  private hasBridge(): boolean {
    return existsSync(join('/sys/class/net', this.bridge));
  }

  /** Somebody took the bridge away: makes it again and puts the links of the sandboxes back on it. */
  private async restore(): Promise<void> {
    this.options.logger.warn('the bridge of the pod network was gone and is made again', { bridge: this.bridge });
    await this.prepare(this.podCidr!);
    const links = this.book.all().map(({ sandboxId }) => linkName(sandboxId));
    for (const link of links.filter((name) => existsSync(join('/sys/class/net', name))))
      await ipBatch([`link set ${link} master ${this.bridge} up`, `link set ${link} type bridge_slave hairpin on`]);
  }

  private async prepare(podCidr: string): Promise<void> {
    const { bits } = ipv4Block(podCidr);
    const gateway = `${gatewayOf(podCidr)}/${bits}`;
    claimNetwork(this.options.dataDir);
    if (!this.hasBridge()) await runCommand('ip', ['link', 'add', this.bridge, 'type', 'bridge']);
    await ipBatch([
      `link set ${this.bridge} mtu ${this.options.mtu ?? 1500} up`,
      `addr flush dev ${this.bridge}`,
      `addr add ${gateway} dev ${this.bridge}`,
    ]);
    for (const setting of ['net/ipv4/ip_forward', `net/ipv4/conf/${this.bridge}/route_localnet`]) enable(setting);
    this.book.sweep();
    this.podCidr = podCidr;
    await this.applyFirewall();
  }

  private async applyFirewall(): Promise<void> {
    const { clusterCidr } = this.options;
    await restoreFirewall(firewallText({ bridge: this.bridge, podCidr: this.podCidr!, clusterCidr, claims: this.book.all() }));
    await addJumps(missingJumps(await savedFirewall(), jumps));
  }

  /** Makes again what somebody took away. */
  private async resync(): Promise<void> {
    if (!this.hasBridge()) return this.restore();
    const saved = await savedFirewall();
    const isThere = ownChains.every(([table, chain]) => hasChain(saved, table, chain)) && missingJumps(saved, jumps).length === 0;
    if (!isThere) await this.applyFirewall();
  }

  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work);
    this.tail = result.catch(() => {});
    return result;
  }
}

function enable(setting: string): void {
  const file = join('/proc/sys', setting);
  if (existsSync(file)) writeFileSync(file, '1');
}
