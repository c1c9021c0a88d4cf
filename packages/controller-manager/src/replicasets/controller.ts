// ReplicaSets and ReplicationControllers: as many pods as spec.replicas says.
// Mirrors https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/
import {
  type Clock,
  conditionOf,
  deepEqual,
  isDeleting,
  isNotFound,
  isPodActive,
  isPodAvailable,
  isPodReady,
  type KindName,
  type KubernetesObject,
  type LabelSelector,
  labelSelectorMatches,
  type Pod,
  type PodTemplateSpec,
  type ReplicaSet,
  type ReplicaSetStatus,
  type ReplicationController,
  setCondition,
} from '@steersman/api';
import { type Client, Expectations, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { claim } from '../pods/claim.js';
import { type PodControl, slowStart } from '../pods/pod-control.js';
import { rankForDeletion } from '../pods/pod-ranking.js';
import { type Controller, done, type ReconcileContext, type Result } from '../runtime/controller.js';

/** Most pods created or deleted in one pass, so that a large change cannot flood the API server. */
const burstReplicas = 500;

export interface ReplicaTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly pods: PodControl;
  readonly clock: Clock;
}

type Replicated = ReplicaSet | ReplicationController;

/** Keeps the number of active pods equal to spec.replicas; serves both kinds, which differ in their selectors alone. */
export class ReplicaController<K extends 'ReplicaSet' | 'ReplicationController'> implements Controller<K> {
  readonly name: string;
  readonly owns = ['Pod'] as const;
  readonly related;
  private readonly expectations: Expectations;

  constructor(
    readonly watches: K,
    private readonly tools: ReplicaTools,
  ) {
    this.name = watches === 'ReplicaSet' ? 'replicaset' : 'replication';
    this.expectations = new Expectations(tools.clock);
    this.related = [{ kind: 'Pod' as KindName, keysOf: (event: InformerEvent<KubernetesObject>) => this.ownersOfOrphan(event) }];
  }

  observeOwned(event: InformerEvent<KubernetesObject>, ownerKey: string): void {
    if (event.type === 'delete' || isDeleting(event.object)) this.expectations.deletionObserved(ownerKey, event.object.metadata?.uid ?? '');
    if (event.type === 'apply' && event.old === undefined) this.expectations.creationObserved(ownerKey);
  }

  async removed(key: string): Promise<Result> {
    this.expectations.forget(key);
    return done;
  }

  async reconcile(object: Replicated, { logger }: ReconcileContext): Promise<Result> {
    const key = keyOf(object);
    const settled = this.expectations.satisfied(key);
    const owned = await this.claimed(object);
    const active = owned.filter(isPodActive);
    const error = settled && !isDeleting(object) ? await this.scale(object, active, key) : undefined;
    const fresh = this.tools.informers.of(this.watches).lister.getByKey(key) as Replicated | undefined;
    if (!fresh || fresh.metadata.uid !== object.metadata.uid) return done;
    const status = statusOf(fresh, owned, { error, nowMs: this.tools.clock.now() });
    if (!deepEqual(status, fresh.status)) await this.tools.client.updateStatus(fresh, status as never);
    logger.debug('reconciled', { active: active.length });
    if (error) throw error;
    return this.nextCheck(fresh, active);
  }

  private async scale(object: Replicated, active: readonly Pod[], key: string): Promise<unknown> {
    const missing = (object.spec?.replicas ?? 1) - active.length;
    if (missing > 0) return this.createPods(object, Math.min(missing, burstReplicas), key);
    if (missing < 0) return this.deletePods(object, active, { count: Math.min(-missing, burstReplicas), key });
    return undefined;
  }

  private async createPods(object: Replicated, count: number, key: string): Promise<unknown> {
    this.expectations.expectCreations(key, count);
    const { succeeded, error } = await slowStart(count, async () => {
      await this.tools.pods.create(object, templateOf(object));
    });
    if (succeeded < count) this.expectations.creationObserved(key, count - succeeded);
    return error;
  }

  private async deletePods(object: Replicated, active: readonly Pod[], { count, key }: { count: number; key: string }): Promise<unknown> {
    const neighbours = this.neighboursOf(object);
    const victims = rankForDeletion(active, { neighbours, nowMs: this.tools.clock.now() }).slice(0, count);
    this.expectations.expectDeletions(
      key,
      victims.map(({ metadata }) => metadata.uid ?? ''),
    );
    const outcomes = await Promise.allSettled(
      victims.map((pod) =>
        this.tools.pods.delete(object, pod).catch((error: unknown) => {
          this.expectations.deletionObserved(key, pod.metadata.uid ?? '');
          if (!isNotFound(error)) throw error;
        }),
      ),
    );
    return outcomes.find((outcome) => outcome.status === 'rejected')?.reason as unknown;
  }

  /** How many pods of this object and its siblings each node has. */
  private neighboursOf(object: Replicated): Map<string, number> {
    const counts = new Map<string, number>();
    const owner = object.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    const siblings = new Set(
      (this.tools.informers.of(this.watches).lister.list(object.metadata.namespace) as Replicated[])
        .filter(
          (one) =>
            one.metadata.uid === object.metadata.uid || (owner !== undefined && one.metadata.ownerReferences?.some(({ uid }) => uid === owner)),
        )
        .map(({ metadata }) => metadata.uid),
    );
    for (const pod of this.podsOf(object.metadata.namespace))
      if (isPodActive(pod) && pod.metadata.ownerReferences?.some(({ uid, controller }) => controller && siblings.has(uid)))
        counts.set(pod.spec?.nodeName ?? '', (counts.get(pod.spec?.nodeName ?? '') ?? 0) + 1);
    return counts;
  }

  private claimed(object: Replicated): Promise<Pod[]> {
    return claim({
      client: this.tools.client,
      kind: 'Pod',
      owner: object,
      selector: selectorOf(object),
      candidates: this.podsOf(object.metadata.namespace),
    });
  }

  private podsOf(namespace: string | undefined): Pod[] {
    return this.tools.informers.of('Pod').lister.list(namespace);
  }

  private ownersOfOrphan({ object }: InformerEvent<KubernetesObject>): string[] {
    if (object.metadata?.ownerReferences?.some(({ controller }) => controller) || isDeleting(object)) return [];
    const candidates = this.tools.informers.of(this.watches).lister.list(object.metadata?.namespace) as Replicated[];
    return candidates.filter((one) => labelSelectorMatches(selectorOf(one), object.metadata?.labels ?? {})).map(keyOf);
  }

  /** Pods become available by time alone. */
  private nextCheck(object: Replicated, active: readonly Pod[]): Result {
    const minReadySeconds = object.spec?.minReadySeconds ?? 0;
    if (minReadySeconds === 0 || active.every((pod) => !isPodReady(pod) || isPodAvailable(pod, minReadySeconds, this.tools.clock.now()))) return done;
    return { requeueAfterMs: 1000 };
  }
}

export const templateOf = ({ spec }: Replicated): PodTemplateSpec => spec?.template ?? {};

export const selectorOf = ({ kind, spec }: Replicated): LabelSelector | undefined =>
  kind === 'ReplicationController'
    ? { matchLabels: (spec as ReplicationController['spec'])?.selector ?? {} }
    : (spec as ReplicaSet['spec'])?.selector;

function statusOf(object: Replicated, owned: readonly Pod[], { error, nowMs }: { error: unknown; nowMs: number }): ReplicaSetStatus {
  const pods = owned.filter(isPodActive);
  const minReadySeconds = object.spec?.minReadySeconds ?? 0;
  const templateLabels = templateOf(object).metadata?.labels ?? {};
  const counts = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter((pod) => Object.entries(templateLabels).every(([key, value]) => pod.metadata.labels?.[key] === value)).length,
    readyReplicas: pods.filter(isPodReady).length,
    availableReplicas: pods.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length,
  };
  const missing = (object.spec?.replicas ?? 1) - pods.length;
  const failure = error
    ? { type: 'ReplicaFailure', status: 'True', reason: missing > 0 ? 'FailedCreate' : 'FailedDelete', message: (error as Error).message }
    : undefined;
  const conditions = conditionsWith(object.status?.conditions ?? [], failure, nowMs);
  return {
    replicas: counts.replicas,
    ...(counts.fullyLabeledReplicas && { fullyLabeledReplicas: counts.fullyLabeledReplicas }),
    ...(counts.readyReplicas && { readyReplicas: counts.readyReplicas }),
    ...(counts.availableReplicas && { availableReplicas: counts.availableReplicas }),
    ...(object.metadata.generation !== undefined && { observedGeneration: object.metadata.generation }),
    ...(conditions.length && { conditions: [...conditions] }),
  };
}

type Conditions = NonNullable<ReplicaSetStatus['conditions']>;

/** A failure that goes on keeps its first words: each try has a pod's name of its own in them, and a status that changes is a new try. */
function conditionsWith(before: Conditions, failure: Conditions[number] | undefined, nowMs: number): readonly Conditions[number][] {
  if (!failure) return before.filter(({ type }) => type !== 'ReplicaFailure');
  const known = conditionOf(before, failure.type);
  return known?.status === failure.status && known.reason === failure.reason ? before : setCondition(before, failure, nowMs);
}
