// Deployments: replica sets by template, replaced by rolling update or all at once.
// Mirrors https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
import {
  type Clock,
  conditionOf,
  controllerReference,
  type Deployment,
  type DeploymentStatus,
  deepEqual,
  fromTime,
  isAlreadyExists,
  isDeleting,
  type KubernetesObject,
  labelSelectorMatches,
  type Pod,
  type ReplicaSet,
} from '@steersman/api';
import { type Client, type EventRecorder, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { claim } from '../pods/claim.js';
import { type Controller, done, type Result } from '../runtime/controller.js';
import { availability, hasDeadline, isComplete, progress, withCondition } from './conditions.js';
import { annotationsFor, maxRevision, revisionAnnotation, revisionOf } from './revision.js';
import {
  byCreation,
  desiredAnnotation,
  maxAnnotation,
  maxSurgeOf,
  newReplicas,
  proportions,
  replicasOf,
  shrinkOld,
  totalActual,
  totalAvailable,
  totalReady,
  totalReplicas,
} from './rolling-update.js';
import { hashLabel, sameTemplate, templateHash } from './template-hash.js';

export interface DeploymentTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

interface Sets {
  readonly all: readonly ReplicaSet[];
  readonly old: readonly ReplicaSet[];
  readonly newSet: ReplicaSet | undefined;
}

export class DeploymentController implements Controller<'Deployment'> {
  readonly name = 'deployment';
  readonly watches = 'Deployment';
  readonly owns = ['ReplicaSet'] as const;
  readonly related;

  constructor(private readonly tools: DeploymentTools) {
    this.related = [
      { kind: 'Pod' as const, keysOf: (event: InformerEvent<KubernetesObject>) => this.recreatingOwner(event) },
      { kind: 'ReplicaSet' as const, keysOf: (event: InformerEvent<KubernetesObject>) => this.ownersOfOrphan(event) },
    ];
  }

  async reconcile(object: Deployment): Promise<Result> {
    const deployment = object;
    if (deepEqual(deployment.spec?.selector ?? {}, {})) return done;
    const candidates = this.tools.informers.of('ReplicaSet').lister.list(deployment.metadata.namespace);
    const owned = await claim({ client: this.tools.client, kind: 'ReplicaSet', owner: deployment, selector: deployment.spec?.selector, candidates });
    if (isDeleting(deployment)) return this.syncStatus(deployment, this.sorted(deployment, owned), 'counts');
    const checked = await this.checkPaused(deployment);
    if (deployment.spec?.paused) return this.scaleAndSync(checked, await this.withRevisions(checked, owned, false));
    if (this.isScaling(checked, owned)) return this.scaleAndSync(checked, await this.withRevisions(checked, owned, false));
    return deployment.spec?.strategy?.type === 'Recreate' ? this.recreate(checked, owned) : this.roll(checked, owned);
  }

  private async roll(deployment: Deployment, owned: readonly ReplicaSet[]): Promise<Result> {
    const sets = await this.withRevisions(deployment, owned, true);
    const { newSet, old, all } = sets;
    if (!newSet) return this.syncStatus(deployment, sets);
    const wanted = replicasOf(newSet) > replicasOf(deployment) ? replicasOf(deployment) : newReplicas(deployment, all, newSet);
    if (wanted !== replicasOf(newSet)) {
      await this.scale(deployment, newSet, wanted);
      return this.syncStatus(deployment, sets);
    }
    const shrinking = shrinkOld(deployment, { old, newSet, all });
    for (const set of old) {
      const size = shrinking.get(set.metadata.name ?? '');
      if (size !== undefined && size !== replicasOf(set)) await this.scale(deployment, set, size);
    }
    if (shrinking.size === 0 && deployment.status && isComplete(deployment, deployment.status)) await this.cleanUp(deployment, old);
    return this.syncStatus(deployment, sets);
  }

  private async recreate(deployment: Deployment, owned: readonly ReplicaSet[]): Promise<Result> {
    const before = await this.withRevisions(deployment, owned, false);
    const active = before.old.filter((set) => replicasOf(set) > 0);
    for (const set of active) await this.scale(deployment, set, 0);
    if (active.length) return this.syncStatus(deployment, before);
    if (this.oldPodsRun(before)) return this.syncStatus(deployment, before);
    const sets = before.newSet ? before : await this.withRevisions(deployment, owned, true);
    if (sets.newSet && replicasOf(sets.newSet) !== replicasOf(deployment)) await this.scale(deployment, sets.newSet, replicasOf(deployment));
    if (deployment.status && isComplete(deployment, deployment.status)) await this.cleanUp(deployment, sets.old);
    return this.syncStatus(deployment, sets);
  }

  private oldPodsRun({ newSet, old }: Sets): boolean {
    const uids = new Set(old.map(({ metadata }) => metadata.uid));
    return this.tools.informers
      .of('Pod')
      .lister.list(old[0]?.metadata.namespace)
      .some((pod: Pod) => {
        const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
        const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
        return owner !== undefined && owner !== newSet?.metadata.uid && uids.has(owner) && !ended;
      });
  }

  /** The new and old replica sets, the new one with its revision and annotations, made where asked for. */
  private async withRevisions(deployment: Deployment, owned: readonly ReplicaSet[], create: boolean): Promise<Sets> {
    const sorted = this.sorted(deployment, owned);
    const revision = maxRevision(sorted.old) + 1;
    if (sorted.newSet) {
      const annotations = annotationsFor(deployment, sorted.newSet, revision);
      const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
      let newSet = sorted.newSet;
      if (!deepEqual(annotations, newSet.metadata.annotations ?? {}) || minReadySeconds !== (newSet.spec?.minReadySeconds ?? 0))
        newSet = await this.tools.client.update<ReplicaSet>({
          ...newSet,
          metadata: { ...newSet.metadata, annotations },
          spec: { ...newSet.spec!, minReadySeconds },
        });
      await this.noteRevision(deployment, annotations[revisionAnnotation] ?? String(revision));
      if (hasDeadline(deployment) && !conditionOf(deployment.status?.conditions, 'Progressing'))
        await this.setProgressing(deployment, 'FoundNewReplicaSet', `Found new replica set "${newSet.metadata.name}"`);
      return { all: [...sorted.old, newSet], old: sorted.old, newSet };
    }
    if (!create) return sorted;
    const newSet = await this.createSet(deployment, sorted.old, revision);
    return { all: [...sorted.old, newSet], old: sorted.old, newSet };
  }

  private async createSet(deployment: Deployment, old: readonly ReplicaSet[], revision: number): Promise<ReplicaSet> {
    const { client, recorder } = this.tools;
    const template = deployment.spec!.template;
    const hash = templateHash(template, deployment.status?.collisionCount);
    const labels = { ...template.metadata?.labels, [hashLabel]: hash };
    const draft: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace ?? '',
        labels,
        ownerReferences: [controllerReference(deployment) as never],
      },
      spec: {
        replicas: 0,
        minReadySeconds: deployment.spec?.minReadySeconds ?? 0,
        selector: { ...deployment.spec!.selector, matchLabels: { ...deployment.spec!.selector.matchLabels, [hashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
    const replicas = newReplicas(deployment, [...old, draft], draft);
    draft.spec!.replicas = replicas;
    draft.metadata.annotations = { ...annotationsFor(deployment, draft, revision), ...this.sizeAnnotations(deployment) };
    try {
      const created = await client.create<ReplicaSet>(draft);
      if (replicas > 0) recorder.normal(deployment, 'ScalingReplicaSet', `Scaled up replica set ${created.metadata.name} from 0 to ${replicas}`);
      await this.noteRevision(deployment, String(revision));
      if (hasDeadline(deployment))
        await this.setProgressing(deployment, 'NewReplicaSetCreated', `Created new replica set "${created.metadata.name}"`);
      return created;
    } catch (error) {
      return this.createFailed(deployment, draft, error);
    }
  }

  /** A set of this name exists: ours, seen late, or another's with the same hash, which counts as a collision. */
  private async createFailed(deployment: Deployment, draft: ReplicaSet, error: unknown): Promise<ReplicaSet> {
    const { client } = this.tools;
    if (!isAlreadyExists(error)) {
      const reason = (error as Error).message;
      if (hasDeadline(deployment))
        await this.setProgressing(
          deployment,
          'ReplicaSetCreateError',
          `Failed to create new replica set "${draft.metadata.name}": ${reason}`,
          'False',
        );
      throw error;
    }
    const existing = await client.get('ReplicaSet', { namespace: draft.metadata.namespace, name: draft.metadata.name ?? '' });
    const mine = existing.metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === deployment.metadata.uid);
    if (mine && sameTemplate(existing.spec?.template ?? {}, draft.spec?.template ?? {})) return existing;
    await client.updateStatus(deployment, { ...deployment.status, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 });
    throw error;
  }

  private async noteRevision(deployment: Deployment, revision: string): Promise<void> {
    if (deployment.metadata.annotations?.[revisionAnnotation] === revision) return;
    const fresh = await this.tools.client.get('Deployment', { namespace: deployment.metadata.namespace, name: deployment.metadata.name ?? '' });
    const annotations = { ...fresh.metadata.annotations, [revisionAnnotation]: revision };
    await this.tools.client.update<Deployment>({ ...fresh, metadata: { ...fresh.metadata, annotations } });
  }

  private async setProgressing(deployment: Deployment, reason: string, message: string, status = 'True'): Promise<void> {
    const fresh = await this.tools.client.get('Deployment', { namespace: deployment.metadata.namespace, name: deployment.metadata.name ?? '' });
    const conditions = withCondition(fresh.status?.conditions ?? [], { type: 'Progressing', status, reason, message }, this.tools.clock.now());
    await this.tools.client.updateStatus<Deployment>(fresh, { ...fresh.status, conditions });
  }

  private sorted(deployment: Deployment, owned: readonly ReplicaSet[]): Sets {
    const byAge = [...owned].sort(byCreation);
    const newSet = byAge.find((set) => sameTemplate(set.spec?.template ?? {}, deployment.spec!.template));
    return { all: byAge, old: byAge.filter((set) => set !== newSet), newSet };
  }

  private async scale(deployment: Deployment, set: ReplicaSet, replicas: number): Promise<void> {
    const before = replicasOf(set);
    const annotations = { ...set.metadata.annotations, ...this.sizeAnnotations(deployment) };
    if (before === replicas && deepEqual(annotations, set.metadata.annotations ?? {})) return;
    await this.tools.client.update<ReplicaSet>({ ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, replicas } });
    if (before !== replicas)
      this.tools.recorder.normal(
        deployment,
        'ScalingReplicaSet',
        `Scaled ${replicas > before ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${replicas}`,
      );
  }

  private sizeAnnotations(deployment: Deployment): { [key: string]: string } {
    return { [desiredAnnotation]: String(replicasOf(deployment)), [maxAnnotation]: String(replicasOf(deployment) + maxSurgeOf(deployment)) };
  }

  /** Whether spec.replicas changed since the sets were last sized. */
  private isScaling(deployment: Deployment, owned: readonly ReplicaSet[]): boolean {
    return owned.some((set) => {
      const desired = set.metadata.annotations?.[desiredAnnotation];
      return replicasOf(set) > 0 && desired !== undefined && Number(desired) !== replicasOf(deployment);
    });
  }

  private async scaleAndSync(deployment: Deployment, sets: Sets): Promise<Result> {
    const active = sets.all.filter((set) => replicasOf(set) > 0);
    const [only] = active.length === 1 ? active : active.length === 0 ? [sets.newSet ?? sets.all.at(-1)] : [];
    if (only) {
      if (replicasOf(only) !== replicasOf(deployment)) await this.scale(deployment, only, replicasOf(deployment));
      else if (only.metadata.annotations?.[desiredAnnotation] !== String(replicasOf(deployment)))
        await this.scale(deployment, only, replicasOf(only));
    } else if (
      sets.newSet &&
      (sets.newSet.status?.availableReplicas ?? 0) === replicasOf(deployment) &&
      replicasOf(sets.newSet) === replicasOf(deployment)
    ) {
      for (const set of sets.old) if (replicasOf(set) > 0) await this.scale(deployment, set, 0);
    } else if (deployment.spec?.strategy?.type !== 'Recreate') {
      const sizes = proportions(deployment, active);
      for (const set of active) await this.scale(deployment, set, sizes.get(set.metadata.name ?? '') ?? replicasOf(set));
    }
    if (deployment.spec?.paused) await this.cleanUp(deployment, sets.old);
    return this.syncStatus(deployment, sets, 'counts');
  }

  private async checkPaused(deployment: Deployment): Promise<Deployment> {
    if (!hasDeadline(deployment)) return deployment;
    const current = conditionOf(deployment.status?.conditions, 'Progressing');
    if (current?.reason === 'ProgressDeadlineExceeded') return deployment;
    const pausedCondition = current?.reason === 'DeploymentPaused';
    const change =
      deployment.spec?.paused && !pausedCondition
        ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
        : !deployment.spec?.paused && pausedCondition
          ? { type: 'Progressing', status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' }
          : undefined;
    if (!change) return deployment;
    return this.tools.client.updateStatus<Deployment>(deployment, {
      ...deployment.status,
      conditions: withCondition(deployment.status?.conditions ?? [], change, this.tools.clock.now()),
    });
  }

  private async cleanUp(deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
    const limit = deployment.spec?.revisionHistoryLimit ?? 10;
    const idle = [...old].filter((set) => !isDeleting(set)).sort((a, b) => revisionOf(a) - revisionOf(b));
    const excess = idle.length - limit;
    for (const set of idle.slice(0, Math.max(0, excess))) {
      const { status, metadata, spec } = set;
      if ((status?.replicas ?? 0) !== 0 || replicasOf(set) !== 0 || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0) || !spec) continue;
      await this.tools.client.delete('ReplicaSet', { namespace: metadata.namespace, name: metadata.name ?? '' });
    }
  }

  /** Writes the status; `counts` leaves the Progressing condition alone, which a rollout under way changes. */
  private async syncStatus(object: Deployment, sets: Sets, extent: 'rollout' | 'counts' = 'rollout'): Promise<Result> {
    const { client, informers } = this.tools;
    const deployment =
      (await client.get('Deployment', { namespace: object.metadata.namespace, name: object.metadata.name ?? '' }).catch(() => undefined)) ?? object;
    const lister = informers.of('ReplicaSet').lister;
    const fresh = sets.all.map((set) => lister.getByKey(keyOf(set)) ?? set);
    const newSet = sets.newSet && (lister.getByKey(keyOf(sets.newSet)) ?? sets.newSet);
    const status = this.statusOf(object, deployment, { all: fresh, newSet, extent });
    if (!deepEqual(status, deployment.status)) await client.updateStatus<Deployment>(deployment, status);
    return this.nextCheck(deployment, status);
  }

  private statusOf(
    observed: Deployment,
    deployment: Deployment,
    { all, newSet, extent }: { all: readonly ReplicaSet[]; newSet: ReplicaSet | undefined; extent: 'rollout' | 'counts' },
  ): DeploymentStatus {
    const nowMs = this.tools.clock.now();
    const available = totalAvailable(all);
    const total = totalReplicas(all);
    const counts: DeploymentStatus = {
      ...(observed.metadata.generation !== undefined && { observedGeneration: observed.metadata.generation }),
      ...positive({
        replicas: totalActual(all),
        updatedReplicas: newSet?.status?.replicas ?? 0,
        readyReplicas: totalReady(all),
        availableReplicas: available,
        unavailableReplicas: Math.max(0, total - available),
      }),
      ...(deployment.status?.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
    };
    let conditions = withCondition(deployment.status?.conditions ?? [], availability(observed, available), nowMs);
    if (extent === 'rollout')
      conditions = progress({ ...observed, ...(deployment.status && { status: deployment.status }) }, { status: counts, newSet, conditions, nowMs });
    const failure = all.flatMap(({ status }) => status?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
    conditions = failure
      ? withCondition(
          conditions,
          { type: 'ReplicaFailure', status: failure.status, reason: failure.reason ?? '', message: failure.message ?? '' },
          nowMs,
        )
      : conditions.filter(({ type }) => type !== 'ReplicaFailure');
    return { ...counts, ...(conditions.length && { conditions }) };
  }

  /** A deployment that makes no progress is looked at again when its deadline falls due. */
  private nextCheck(deployment: Deployment, status: DeploymentStatus): Result {
    const condition = conditionOf(status.conditions, 'Progressing');
    if (!hasDeadline(deployment) || !condition || isComplete(deployment, status) || condition.reason === 'ProgressDeadlineExceeded') return done;
    const due = fromTime(condition.lastUpdateTime) + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 - this.tools.clock.now();
    return { requeueAfterMs: Math.max(due, 0) + 1000 };
  }

  /** A recreating deployment goes on once the last old pod is gone. */
  private recreatingOwner({ type, object }: InformerEvent<KubernetesObject>): string[] {
    if (type !== 'delete') return [];
    const set = object.metadata?.ownerReferences?.find(({ controller, kind }) => controller && kind === 'ReplicaSet');
    const owner =
      set &&
      this.tools.informers
        .of('ReplicaSet')
        .lister.get(object.metadata?.namespace ?? '', set.name)
        ?.metadata.ownerReferences?.find(({ controller }) => controller);
    return owner ? [`${object.metadata?.namespace}/${owner.name}`] : [];
  }

  private ownersOfOrphan({ object }: InformerEvent<KubernetesObject>): string[] {
    if (object.metadata?.ownerReferences?.some(({ controller }) => controller)) return [];
    return this.tools.informers
      .of('Deployment')
      .lister.list(object.metadata?.namespace)
      .filter(({ spec }) => labelSelectorMatches(spec?.selector, object.metadata?.labels ?? {}))
      .map(keyOf);
  }
}

const positive = <T extends Record<string, number>>(counts: T): Partial<T> =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)) as Partial<T>;
