// Counts what the objects of a namespace use of its resource quotas: admission charges what is made, this gives back what is gone.
// Mirrors https://kubernetes.io/docs/concepts/policy/resource-quotas/
import {
  addUsage,
  builtinResources,
  type Clock,
  type CountedResource,
  deepEqual,
  isQuotaNameOf,
  type KubernetesObject,
  matchesScopes,
  type Pod,
  quotaUsage,
  type ResourceQuota,
  type Usage,
} from '@steersman/api';
import { type Client, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import type { Controller, ReconcileContext, Related, Result } from '../runtime/controller.js';
import { type AnyKind, customKind } from '../runtime/custom-kind.js';

/** How often is counted anew what nothing tells of. */
const recountMs = 30_000;

/** The kinds whose objects count for more than one each. */
const measured = {
  Pod: { group: '', resource: 'pods' },
  PersistentVolumeClaim: { group: '', resource: 'persistentvolumeclaims' },
  Service: { group: '', resource: 'services' },
} as const satisfies Record<string, CountedResource>;

type MeasuredKind = keyof typeof measured;

const measuredKinds = Object.keys(measured) as MeasuredKind[];
const isOver = (object: KubernetesObject | undefined): boolean => ['Succeeded', 'Failed'].includes((object as Pod | undefined)?.status?.phase ?? '');

export class ResourceQuotaController implements Controller<'ResourceQuota'> {
  readonly name = 'resourcequota';
  readonly watches = 'ResourceQuota';
  readonly related: readonly Related[] = measuredKinds.map((kind) => ({ kind, keysOf: (event) => this.freed(event) }));
  /** When each quota was counted last; what is not here is due. */
  private readonly counted = new Map<string, number>();

  constructor(
    private readonly client: Client,
    private readonly informers: InformerFactory,
    private readonly clock: Clock,
  ) {}

  async reconcile(quota: ResourceQuota, { signal }: ReconcileContext): Promise<Result> {
    const key = keyOf(quota);
    const hard = quota.spec?.hard ?? {};
    const last = this.counted.get(key);
    const settled = deepEqual(quota.status?.hard ?? {}, hard);
    const age = last === undefined ? Number.POSITIVE_INFINITY : this.clock.monotonic() - last;
    if (settled && age < recountMs) return { requeueAfterMs: recountMs - age };
    this.counted.set(key, this.clock.monotonic());
    try {
      const used = await this.usageOf(quota, Object.keys(hard), signal);
      if (!settled || !deepEqual(quota.status?.used ?? {}, used)) await this.client.updateStatus<ResourceQuota>(quota, { hard, used });
    } catch (error) {
      this.counted.delete(key);
      throw error;
    }
    return { requeueAfterMs: recountMs };
  }

  async removed(key: string): Promise<Result> {
    this.counted.delete(key);
    return {};
  }

  /** The quotas of which something was given back. */
  private freed({ type, object, ...event }: InformerEvent<KubernetesObject>): string[] {
    const ended = type === 'apply' && isOver(object) && !isOver((event as { old?: KubernetesObject }).old);
    if (type !== 'delete' && !ended) return [];
    const keys = this.informers.of('ResourceQuota').lister.list(object.metadata?.namespace).map(keyOf);
    for (const key of keys) this.counted.delete(key);
    return keys;
  }

  private async usageOf(quota: ResourceQuota, names: readonly string[], signal: AbortSignal): Promise<Usage> {
    const used: Usage = {};
    for (const kind of measuredKinds) Object.assign(used, this.measured(quota, kind, names));
    for (const name of names) {
      if (used[name] !== undefined) continue;
      const counted = this.kinds().find((kind) => isQuotaNameOf(kind, name));
      if (counted) used[name] = String(await this.count(counted, quota.metadata.namespace ?? '', signal));
    }
    return used;
  }

  private measured(quota: ResourceQuota, kind: MeasuredKind, names: readonly string[]): Usage {
    const resource = measured[kind];
    const own = names.filter((name) => isQuotaNameOf(resource, name));
    if (own.length === 0) return {};
    const total = this.informers
      .of(kind)
      .lister.list(quota.metadata.namespace)
      .filter((object) => matchesScopes(quota, resource, object))
      .reduce<Usage>((sum, object) => addUsage(sum, quotaUsage(resource, object)), {});
    return Object.fromEntries(own.map((name) => [name, total[name] ?? '0']));
  }

  private kinds(): AnyKind[] {
    const custom = this.informers.of('CustomResourceDefinition').lister.list();
    return [
      ...builtinResources.filter(({ verbs }) => verbs.includes('list')),
      ...custom.flatMap((definition) => customKind(definition) ?? []),
    ].filter(({ namespaced }) => namespaced);
  }

  private async count({ group, version, resource }: AnyKind, namespace: string, signal: AbortSignal): Promise<number> {
    const { items, remainingItemCount = 0 } = await this.client.transport.list({ group, version, resource, namespace }, { limit: 1 }, signal);
    return items.length + remainingItemCount;
  }
}
