// Leader election by a Lease: of several equal processes one works, and another takes over when it falls silent.
// Mirrors https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
import { type Clock, fromTime, isNotFound, type Lease, type Logger, toMicroTime } from '@steersman/api';
import type { Client } from './client.js';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Who runs for it; distinct for each process. */
  readonly identity: string;
  readonly leaseMs?: number;
  readonly renewMs?: number;
  readonly retryMs?: number;
}

/** What a candidate remembers of the lease: a leader is alive while the lease changes, whatever its clock says. */
interface Observed {
  readonly version: string;
  readonly atMs: number;
}

/** Runs `lead` whenever this process is the leader; its signal aborts when leadership is lost. */
export class LeaderElection {
  readonly name = 'leader election';
  private observed: Observed | undefined;

  constructor(
    private readonly options: LeaderElectionOptions,
    private readonly lead: (signal: AbortSignal) => Promise<void>,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, retryMs = 2000 } = this.options;
    while (!signal.aborted) {
      if (await this.acquire()) await this.leadWhileRenewed(signal);
      else await clock.sleep(retryMs, signal);
    }
  }

  private async leadWhileRenewed(signal: AbortSignal): Promise<void> {
    const { clock, logger, retryMs = 2000, renewMs = 10_000 } = this.options;
    const lost = new AbortController();
    const stop = AbortSignal.any([signal, lost.signal]);
    const leading = this.lead(stop).finally(() => lost.abort());
    let renewedMs = clock.monotonic();
    while (!stop.aborted) {
      await clock.sleep(retryMs, stop);
      if (stop.aborted) break;
      if (await this.acquire()) renewedMs = clock.monotonic();
      else if (clock.monotonic() - renewedMs > renewMs) {
        logger.warn('leadership lost', { lease: this.options.lease.name });
        lost.abort();
      }
    }
    await leading;
    await this.release();
  }

  /** Takes or renews the lease; false where somebody else holds it or the API does not answer. */
  private async acquire(): Promise<boolean> {
    const { client, clock, lease, identity, logger, leaseMs = 15_000 } = this.options;
    const now = toMicroTime(clock.now());
    const spec = { holderIdentity: identity, leaseDurationSeconds: leaseMs / 1000, renewTime: now };
    try {
      const current = await client.get('Lease', lease);
      if (!this.mayTake(current)) return false;
      const mine = current.spec?.holderIdentity === identity;
      const transitions = (current.spec?.leaseTransitions ?? 0) + (mine ? 0 : 1);
      await client.update<Lease>({
        ...current,
        spec: { ...current.spec, ...spec, ...(!mine && { acquireTime: now }), leaseTransitions: transitions },
      });
      return true;
    } catch (error) {
      if (!isNotFound(error)) {
        logger.debug('lease not renewed', { lease: lease.name, err: error });
        return false;
      }
    }
    return client
      .create<Lease>({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: lease,
        spec: { ...spec, acquireTime: now, leaseTransitions: 0 },
      })
      .then(
        () => true,
        () => false,
      );
  }

  private mayTake({ metadata, spec }: Lease): boolean {
    const { clock, identity, leaseMs = 15_000 } = this.options;
    if (!spec?.holderIdentity || spec.holderIdentity === identity) return true;
    const version = metadata.resourceVersion ?? '';
    if (this.observed?.version !== version) this.observed = { version, atMs: clock.monotonic() };
    return clock.monotonic() - this.observed.atMs > leaseMs && !Number.isNaN(fromTime(spec.renewTime));
  }

  private async release(): Promise<void> {
    const { client, lease, identity, clock } = this.options;
    try {
      const current = await client.get('Lease', lease);
      if (current.spec?.holderIdentity !== identity) return;
      const now = toMicroTime(clock.now());
      await client.update<Lease>({
        ...current,
        spec: { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now },
      });
    } catch {
      // The API is gone with us: the lease runs out by itself.
    }
  }
}
