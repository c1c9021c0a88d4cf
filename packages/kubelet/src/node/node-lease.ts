// The node's lease: renewed every ten seconds, so that others know that the kubelet lives.
// Mirrors https://kubernetes.io/docs/concepts/architecture/leases/#node-heart-beats
import { type Clock, isConflict, isNotFound, type Lease, type Logger, type Node, toMicroTime } from '@steersman/api';
import type { Client } from '@steersman/client';

const leaseSeconds = 40;
const renewMs = 10_000;
const namespace = 'kube-node-lease';

export interface NodeLeaseOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  node(): Node | undefined;
}

export class NodeLease {
  readonly name = 'node lease';
  private lease: Lease | undefined;

  constructor(private readonly options: NodeLeaseOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, nodeName } = this.options;
    let failures = 0;
    while (!signal.aborted) {
      const renewed = await this.renew(signal).catch((err: unknown) => {
        if (!signal.aborted) logger.debug('node lease not renewed, trying again', { node: nodeName, err });
        return false;
      });
      failures = renewed ? 0 : failures + 1;
      await clock.sleep(renewed ? renewMs : Math.min(7000, 200 * 2 ** Math.min(failures, 6)), signal);
    }
  }

  private async renew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, nodeName, node } = this.options;
    const known = this.lease ?? (await this.read(signal));
    const owner = node();
    // A lease belongs to its node: it is made once the node is known.
    if (!known && !owner) return false;
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime: toMicroTime(clock.now()) };
    const ownerReferences = owner?.metadata.uid ? [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: owner.metadata.uid }] : undefined;
    const metadata = { name: nodeName, namespace, ...(ownerReferences && { ownerReferences }) };
    try {
      this.lease = known
        ? await client.update<Lease>(
            { ...known, metadata: { ...known.metadata, ...(ownerReferences && { ownerReferences }) }, spec: { ...known.spec, ...spec } },
            { signal },
          )
        : await client.create<Lease>({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }, { signal });
      return true;
    } catch (error) {
      this.lease = undefined;
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  private async read(signal: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.options.client.get('Lease', { namespace, name: this.options.nodeName }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}
