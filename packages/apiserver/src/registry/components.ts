// ComponentStatuses: what there is to tell of the parts of the control plane, found out when it is asked for. The store is asked itself;
// of the others it is told whether they have held on to the lease by which one of them leads.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/
import { type Clock, type ComponentStatus, fromTime, type Lease } from '@steersman/api';
import { type ApiObject, CachedObject, encodeObject } from '../cache/cached-object.js';
import type { Registry } from './registry.js';

/** The names of components as they are shown, and of their leases. */
const leases = [
  ['controller-manager', 'kube-controller-manager'],
  ['scheduler', 'kube-scheduler'],
] as const;
const leaseNamespace = 'kube-system';

type Condition = NonNullable<ComponentStatus['conditions']>[number];

const healthy: Condition = { type: 'Healthy', status: 'True', message: 'ok' };
const ill = (message: string): Condition => ({ type: 'Healthy', status: 'False', message });

export interface ComponentsOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Rejects where the store does not answer. */
  askStore(): Promise<unknown>;
}

export class Components {
  constructor(private readonly options: ComponentsOptions) {}

  async list(): Promise<CachedObject[]> {
    const [store, ...others] = [await this.store(), ...leases.map(([name, lease]) => objectOf(name, this.leading(lease)))];
    return [store, ...others].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  private async store(): Promise<CachedObject> {
    try {
      await this.options.askStore();
      return objectOf('etcd-0', healthy);
    } catch (error) {
      return objectOf('etcd-0', ill((error as Error).message));
    }
  }

  private leading(name: string): Condition {
    const { registry, clock } = this.options;
    const lease = registry.stored('coordination.k8s.io', 'leases').peek(leaseNamespace, name)?.object as unknown as Lease | undefined;
    const { renewTime, leaseDurationSeconds = 0, holderIdentity } = lease?.spec ?? {};
    if (!holderIdentity || !renewTime) return { type: 'Healthy', status: 'Unknown', message: `nobody holds the lease ${leaseNamespace}/${name}` };
    const over = fromTime(renewTime) + leaseDurationSeconds * 1000 < clock.now();
    return over ? ill(`${holderIdentity} has not renewed the lease ${leaseNamespace}/${name} since ${renewTime}`) : healthy;
  }
}

function objectOf(name: string, condition: Condition): CachedObject {
  const status = { kind: 'ComponentStatus', apiVersion: 'v1', metadata: { name }, conditions: [condition] };
  return new CachedObject(name, 0, encodeObject(status as unknown as ApiObject));
}
