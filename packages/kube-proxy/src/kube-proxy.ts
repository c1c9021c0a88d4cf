// kube-proxy: keeps the node's firewall equal to the rules of all services, by one atomic restore a sync.
import { existsSync, writeFileSync } from 'node:fs';
import type { Clock, Logger } from '@steersman/api';
import { type Client, Informer } from '@steersman/client';
import {
  addJumps,
  Counter,
  chainsNamed,
  createMetrics,
  Histogram,
  hasChain,
  missingJumps,
  type Registry,
  type Runnable,
  removeFirewall,
  restoreFirewall,
  runAll,
  runCommand,
  savedFirewall,
} from '@steersman/component-base';
import { baseChains, iptablesText, jumps } from './iptables-rules.js';
import { type ServiceRule, serviceRules } from './rule-model.js';

export interface KubeProxyOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly clusterCidr: string;
}

/** Changes are gathered for so long. */
const gatherMs = 20;
/** Whatever happens to the firewall from outside is mended after so long. */
const resyncMs = 30_000;
const retryMs = 1000;
const localnet = '/proc/sys/net/ipv4/conf/all/route_localnet';
const tables = ['filter', 'nat'] as const;
/** The chains of services and their endpoints. */
const serviceChain = /^KUBE-(SVC|SVL|SEP|EXT)-/;

export class KubeProxy implements Runnable {
  readonly name = 'kube-proxy';
  /** The first sync is in the firewall. */
  readonly ready: Promise<void>;
  readonly metrics: Registry = createMetrics();
  private readonly services: Informer<'Service'>;
  private readonly slices: Informer<'EndpointSlice'>;
  private readonly duration: Histogram;
  private readonly syncs: Counter;
  private chains: ReadonlySet<string> = new Set();
  private applied = '';
  private udpTargets = new Map<string, Set<string>>();
  private dirty = true;
  private wake: () => void = () => {};
  private resolveReady!: () => void;

  constructor(private readonly options: KubeProxyOptions) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
    this.services = new Informer({ ...options, kind: 'Service' });
    this.slices = new Informer({ ...options, kind: 'EndpointSlice' });
    for (const informer of [this.services, this.slices]) informer.onEvent(() => this.changed());
    this.duration = new Histogram({ name: 'kubeproxy_sync_proxy_rules_duration_seconds', help: 'Time one sync takes', registers: [this.metrics] });
    this.syncs = new Counter({ name: 'kubeproxy_sync_proxy_rules_total', help: 'Syncs written to the firewall', registers: [this.metrics] });
  }

  async run(signal: AbortSignal): Promise<void> {
    await runAll(signal, [this.services, this.slices, { name: 'sync loop', run: (stop) => this.loop(stop) }]);
  }

  private changed(): void {
    this.dirty = true;
    this.wake();
  }

  private async loop(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.options;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all([this.services.synced, this.slices.synced]), stopped]);
    let checkedMs = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        if (clock.monotonic() - checkedMs >= resyncMs) {
          await this.check();
          checkedMs = clock.monotonic();
        }
        if (this.dirty) {
          this.dirty = false;
          await this.sync();
        }
        this.resolveReady();
        await this.pause(signal);
      } catch (err) {
        logger.warn('writing service rules failed, retrying', { err });
        // Chains may have been taken away: the next attempt looks what there is.
        checkedMs = Number.NEGATIVE_INFINITY;
        this.dirty = true;
        await clock.sleep(retryMs, signal);
      }
    }
  }

  /** Looks whether chains and jumps are there; makes the base of what is not, and has all rules written again. */
  private async check(): Promise<void> {
    if (existsSync(localnet)) writeFileSync(localnet, '1');
    const saved = await savedFirewall();
    const jumpsToAdd = missingJumps(saved, jumps);
    const missing = tables.flatMap((table) => baseChains[table].filter((chain) => !hasChain(saved, table, chain)).map((chain) => ({ table, chain })));
    const found = new Set(chainsNamed(saved, 'nat', serviceChain));
    const complete = this.applied !== '' && [...this.chains].every((chain) => found.has(chain));
    if (complete && jumpsToAdd.length + missing.length === 0) return;
    // Naming a chain empties it: those that are there keep their rules until the next ones replace them in one step.
    if (missing.length) await restoreFirewall(missing.map(({ table, chain }) => `*${table}\n:${chain} - [0:0]\nCOMMIT\n`).join(''));
    await addJumps(jumpsToAdd);
    this.chains = new Set([...this.chains, ...found]);
    this.applied = '';
    this.dirty = true;
  }

  private async pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    if (!this.dirty) {
      const woken = new AbortController();
      this.wake = () => woken.abort();
      await clock.sleep(resyncMs, AbortSignal.any([signal, woken.signal]));
      this.wake = () => {};
    }
    if (!signal.aborted) await clock.sleep(gatherMs, signal);
  }

  private async sync(): Promise<void> {
    const { clock, nodeName, clusterCidr } = this.options;
    const startedMs = clock.monotonic();
    const rules = serviceRules({ services: this.services.lister.list(), slices: this.slices.lister.list(), nodeName });
    const { text, chains } = iptablesText(rules, { clusterCidr }, this.chains);
    if (text === this.applied) return;
    await restoreFirewall(text);
    this.chains = chains;
    this.applied = text;
    await this.forgetUdp(rules);
    this.syncs.inc();
    this.duration.observe((clock.monotonic() - startedMs) / 1000);
  }

  /** Connections over UDP never end: those to endpoints that are gone are forgotten, so that the next packet is balanced anew. */
  private async forgetUdp(rules: readonly ServiceRule[]): Promise<void> {
    const before = this.udpTargets;
    this.udpTargets = new Map(
      rules
        .filter(({ protocol }) => protocol === 'udp')
        .map(({ clusterIp, internal }) => [clusterIp, new Set(internal.map(({ address }) => address))]),
    );
    for (const [clusterIp, addresses] of before) {
      const now = this.udpTargets.get(clusterIp);
      for (const address of addresses)
        if (!now?.has(address))
          await runCommand('conntrack', ['-D', '-p', 'udp', '--orig-dst', clusterIp, '--dst-nat', address]).catch(() => undefined);
    }
    for (const [clusterIp, addresses] of this.udpTargets)
      if (addresses.size > 0 && (before.get(clusterIp)?.size ?? 0) === 0)
        await runCommand('conntrack', ['-D', '-p', 'udp', '--orig-dst', clusterIp]).catch(() => undefined);
  }
}

/** Takes every rule and chain of kube-proxy away; for `steersman reset`. */
export async function removeRules(): Promise<void> {
  const service = chainsNamed(await savedFirewall(), 'nat', serviceChain);
  await removeFirewall(jumps, { filter: baseChains.filter, nat: [...baseChains.nat, ...service] });
}
