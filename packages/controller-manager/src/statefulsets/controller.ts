// Stateful sets: pods with names, claims and an order of their own.
// Mirrors https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
import {
  type Clock,
  type ControllerRevision,
  deepEqual,
  isAlreadyExists,
  isDeleting,
  isNotFound,
  isPodAvailable,
  isPodReady,
  type KindName,
  type KubernetesObject,
  labelSelectorMatches,
  type Pod,
  type PodTemplateSpec,
  type StatefulSet,
  type StatefulSetStatus,
} from '@steersman/api';
import { type Client, type EventRecorder, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { ControllerHistory } from '../history/controller-history.js';
import { claim } from '../pods/claim.js';
import { type Controller, done, type Result } from '../runtime/controller.js';
import { StatefulClaims } from './claims.js';
import { firstOrdinalOf, ordinalOf, podNameOf, podOf } from './identity.js';
import { isRunningAndReady, nextSteps, revisionOf } from './plan.js';

const hashLabel = 'controller.kubernetes.io/hash';

export interface StatefulSetTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

interface Revisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

/** Brings the pods of stateful sets up, down and up to date in order. */
export class StatefulSetController implements Controller<'StatefulSet'> {
  readonly name = 'statefulset';
  readonly watches = 'StatefulSet';
  readonly owns = ['Pod', 'ControllerRevision'] as const;
  readonly related;
  private readonly history: ControllerHistory;
  private readonly claims: StatefulClaims;

  constructor(private readonly tools: StatefulSetTools) {
    this.history = new ControllerHistory(tools);
    this.claims = new StatefulClaims(tools);
    this.related = [{ kind: 'Pod' as KindName, keysOf: (event: InformerEvent<KubernetesObject>) => this.ownersOfOrphan(event) }];
  }

  async reconcile(set: StatefulSet): Promise<Result> {
    if (!set.spec || isDeleting(set)) return done;
    const pods = await this.claimed(set);
    const revisions = await this.revisions(set, pods);
    await this.updateStatus(set, pods, revisions);
    for (const pod of pods) await this.claims.retain(set, pod);
    const nowMs = this.tools.clock.now();
    for (const step of nextSteps({ set, pods, updateRevision: revisions.update.metadata.name ?? '', nowMs }))
      await (step.do === 'create' ? this.createPod(set, step.ordinal, revisions) : this.deletePod(set, step.pod));
    const waiting = pods.some((pod) => isPodReady(pod) && !isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs));
    return waiting ? { requeueAfterMs: 1000 } : done;
  }

  private claimed(set: StatefulSet): Promise<Pod[]> {
    const candidates = this.tools.informers
      .of('Pod')
      .lister.list(set.metadata.namespace)
      .filter((pod) => ordinalOf(set, pod) !== undefined);
    return claim({ client: this.tools.client, kind: 'Pod', owner: set, selector: set.spec?.selector, candidates });
  }

  private async revisions(set: StatefulSet, pods: readonly Pod[]): Promise<Revisions> {
    const named = [set.status?.currentRevision, set.status?.updateRevision, ...pods.map(revisionOf)].filter((name) => name !== undefined);
    const { current: update, old } = await this.history.sync({
      owner: set,
      selector: set.spec?.selector,
      template: set.spec?.template ?? {},
      limit: set.spec?.revisionHistoryLimit ?? 10,
      inUse: new Set(named.map((name) => name.slice((set.metadata.name?.length ?? 0) + 1))),
      collisionCount: set.status?.collisionCount,
      hashLabel,
    });
    return { update, current: old.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update };
  }

  private async createPod(set: StatefulSet, ordinal: number, { current, update }: Revisions): Promise<void> {
    const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
    const stays = type !== 'OnDelete' && ordinal < firstOrdinalOf(set) + (rollingUpdate?.partition ?? 0);
    const revision = stays ? current : update;
    const about = `Pod ${podNameOf(set, ordinal)} in StatefulSet ${set.metadata.name}`;
    await this.claims.ensure(set, ordinal);
    try {
      await this.tools.client.create(podOf(set, { ordinal, template: templateOf(revision), revision: revision.metadata.name ?? '' }));
      this.tools.recorder.normal(set, 'SuccessfulCreate', `Create ${about} successful`);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.tools.recorder.warning(set, 'FailedCreate', `Create ${about} failed error: ${(error as Error).message}`);
      throw error;
    }
  }

  private async deletePod(set: StatefulSet, { metadata }: Pod): Promise<void> {
    const { namespace = '', name = '', uid = '' } = metadata;
    try {
      await this.tools.client.delete('Pod', { namespace, name }, { preconditions: { uid } });
      this.tools.recorder.normal(set, 'SuccessfulDelete', `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async updateStatus(set: StatefulSet, pods: readonly Pod[], revisions: Revisions): Promise<void> {
    const status = statusOf(set, pods, { ...revisions, nowMs: this.tools.clock.now() });
    if (!deepEqual(status, set.status)) await this.tools.client.updateStatus<StatefulSet>(set, status);
  }

  private ownersOfOrphan({ object }: InformerEvent<KubernetesObject>): string[] {
    if (object.metadata?.ownerReferences?.some(({ controller }) => controller) || isDeleting(object)) return [];
    const sets = this.tools.informers.of('StatefulSet').lister.list(object.metadata?.namespace);
    return sets.filter((set) => labelSelectorMatches(set.spec?.selector, object.metadata?.labels ?? {})).map(keyOf);
  }
}

/** The template that a revision holds. */
function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { $patch: _patch, ...template } = (data as { spec: { template: PodTemplateSpec & { $patch?: string } } }).spec.template;
  return template;
}

function statusOf(set: StatefulSet, pods: readonly Pod[], { current, update, nowMs }: Revisions & { nowMs: number }): StatefulSetStatus {
  const living = pods.filter((pod) => !isDeleting(pod));
  const ready = pods.filter(isRunningAndReady);
  const updateRevision = update.metadata.name ?? '';
  const updatedReplicas = living.filter((pod) => revisionOf(pod) === updateRevision).length;
  const replicas = pods.length;
  const complete =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    updatedReplicas === replicas &&
    ready.length === replicas &&
    replicas === (set.spec?.replicas ?? 1);
  const currentRevision = complete ? updateRevision : (current.metadata.name ?? '');
  const currentReplicas = living.filter((pod) => revisionOf(pod) === currentRevision).length;
  return {
    ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
    replicas,
    ...(ready.length && { readyReplicas: ready.length }),
    ...(currentReplicas && { currentReplicas }),
    ...(updatedReplicas && { updatedReplicas }),
    currentRevision,
    updateRevision,
    collisionCount: set.status?.collisionCount ?? 0,
    availableReplicas: ready.filter((pod) => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs)).length,
  };
}
