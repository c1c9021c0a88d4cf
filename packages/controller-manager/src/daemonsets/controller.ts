// Daemon sets: one pod on each node that fits, replaced node by node when the template changes.
// Mirrors https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/
import {
  type Clock,
  type DaemonSet,
  type DaemonSetStatus,
  deepEqual,
  fromTime,
  isDeleting,
  isNotFound,
  isPodActive,
  isPodAvailable,
  isPodReady,
  type KubernetesObject,
  type Node,
  type Pod,
  scaledValue,
} from '@steersman/api';
import { type Client, type EventRecorder, Expectations, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { ControllerHistory, hashOf, revisionHashLabel } from '../history/controller-history.js';
import { claim } from '../pods/claim.js';
import { type PodControl, slowStart } from '../pods/pod-control.js';
import { type Controller, done, type Result } from '../runtime/controller.js';
import { pinnedNode, pinnedTo, placementOn, withDaemonTolerations } from './node-match.js';

export interface DaemonSetTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly pods: PodControl;
  readonly clock: Clock;
}

const generationLabel = 'pod-template-generation';
const burst = 250;
const failedBackoffMs = 1000;

const nodeOf = (pod: Pod): string => pod.spec?.nodeName || (pinnedNode(pod) ?? '');

const oldestFirst = (a: Pod, b: Pod): number => fromTime(a.metadata.creationTimestamp) - fromTime(b.metadata.creationTimestamp);

export class DaemonSetController implements Controller<'DaemonSet'> {
  readonly name = 'daemonset';
  readonly watches = 'DaemonSet';
  readonly owns = ['Pod', 'ControllerRevision'] as const;
  readonly related;
  private readonly expectations: Expectations;
  private readonly history: ControllerHistory;

  constructor(private readonly tools: DaemonSetTools) {
    this.expectations = new Expectations(tools.clock);
    this.history = new ControllerHistory(tools);
    this.related = [{ kind: 'Node' as const, keysOf: () => tools.informers.of('DaemonSet').lister.list().map(keyOf) }];
  }

  observeOwned(event: InformerEvent<KubernetesObject>, ownerKey: string): void {
    if (event.object.kind !== 'Pod') return;
    if (event.type === 'delete' || isDeleting(event.object)) this.expectations.deletionObserved(ownerKey, event.object.metadata?.uid ?? '');
    else if (event.old === undefined) this.expectations.creationObserved(ownerKey);
  }

  async removed(key: string): Promise<Result> {
    this.expectations.forget(key);
    return done;
  }

  async reconcile(set: DaemonSet): Promise<Result> {
    if (!set.spec || isDeleting(set)) return done;
    if (deepEqual(set.spec.selector, {})) {
      this.tools.recorder.warning(set, 'SelectingAll', 'This daemon set is selecting all pods. A non-empty selector is required.');
      return done;
    }
    const pods = await this.claimed(set);
    const { current } = await this.history.sync({
      owner: set,
      selector: set.spec.selector,
      template: set.spec.template,
      limit: set.spec.revisionHistoryLimit ?? 10,
      inUse: new Set(pods.map(({ metadata }) => hashOf(metadata))),
      collisionCount: set.status?.collisionCount,
    });
    const hash = hashOf(current.metadata);
    const nodes = this.tools.informers.of('Node').lister.list();
    const key = keyOf(set);
    let again: number | undefined;
    if (this.expectations.satisfied(key)) {
      again = await this.place(set, { nodes, pods, hash, key });
      if (set.spec.updateStrategy?.type !== 'OnDelete' && this.expectations.satisfied(key)) await this.roll(set, { nodes, pods, hash, key });
    }
    await this.updateStatus(set, { nodes, pods, hash });
    return again === undefined ? this.nextCheck(set, pods) : { requeueAfterMs: again };
  }

  private claimed(set: DaemonSet): Promise<Pod[]> {
    const candidates = this.tools.informers.of('Pod').lister.list(set.metadata.namespace);
    return claim({ client: this.tools.client, kind: 'Pod', owner: set, selector: set.spec?.selector, candidates });
  }

  /** Starts pods where they are missing, ends them where they must not be; gives when to look again, if soon. */
  private async place(
    set: DaemonSet,
    { nodes, pods, hash, key }: { nodes: readonly Node[]; pods: readonly Pod[]; hash: string; key: string },
  ): Promise<number | undefined> {
    const byNode = Map.groupBy(pods, nodeOf);
    const wanted: string[] = [];
    const unwanted: Pod[] = [];
    let failed = false;
    for (const node of nodes) {
      const name = node.metadata.name ?? '';
      const there = (byNode.get(name) ?? []).filter((pod) => !isDeleting(pod));
      byNode.delete(name);
      const { run, keep } = placementOn(node, set.spec!.template);
      const ended = there.filter(({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded');
      for (const pod of ended) {
        this.reportEnded(set, pod);
        unwanted.push(pod);
        failed = true;
      }
      const living = there.filter((pod) => !ended.includes(pod));
      if (run && there.length === 0) wanted.push(name);
      else if (!keep) unwanted.push(...living);
      else if (living.length > 1 && !this.surging(set, living, hash)) unwanted.push(...[...living].sort(oldestFirst).slice(1));
    }
    for (const [name, orphans] of byNode) if (name) unwanted.push(...orphans.filter((pod) => !isDeleting(pod)));
    await this.change(set, { wanted: wanted.slice(0, burst), unwanted: unwanted.slice(0, burst), hash, key });
    return failed ? failedBackoffMs : undefined;
  }

  private surging(set: DaemonSet, pods: readonly Pod[], hash: string): boolean {
    return (
      this.maxSurge(set, 1) > 0 &&
      pods.length === 2 &&
      pods.some(({ metadata }) => hashOf(metadata) === hash) &&
      pods.some(({ metadata }) => hashOf(metadata) !== hash)
    );
  }

  private reportEnded(set: DaemonSet, pod: Pod): void {
    const { recorder } = this.tools;
    const where = `${pod.metadata.namespace}/${pod.metadata.name} on node ${nodeOf(pod)}`;
    if (pod.status?.phase === 'Failed') recorder.warning(set, 'FailedDaemonPod', `Found failed daemon pod ${where}, will try to kill it`);
    else recorder.normal(set, 'SucceededDaemonPod', `Found succeeded daemon pod ${where}, will try to delete it`);
  }

  private async change(
    set: DaemonSet,
    { wanted, unwanted, hash, key }: { wanted: readonly string[]; unwanted: readonly Pod[]; hash: string; key: string },
  ): Promise<void> {
    if (unwanted.length)
      this.expectations.expectDeletions(
        key,
        unwanted.map(({ metadata }) => metadata.uid ?? ''),
      );
    if (wanted.length) this.expectations.expectCreations(key, wanted.length);
    const generation = String(set.metadata.generation ?? 1);
    const { succeeded, error } = await slowStart(wanted.length, async (index) => {
      await this.tools.pods.create(set, set.spec!.template, {
        labels: {
          [revisionHashLabel]: hash,
          [generationLabel]: set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? generation,
        },
        change: (spec) => withDaemonTolerations(pinnedTo(spec, wanted[index] ?? '')),
      });
    });
    if (succeeded < wanted.length) this.expectations.creationObserved(key, wanted.length - succeeded);
    for (const pod of unwanted)
      await this.tools.pods.delete(set, pod).catch((failure: unknown) => {
        this.expectations.deletionObserved(key, pod.metadata.uid ?? '');
        if (!isNotFound(failure)) throw failure;
      });
    if (error) throw error;
  }

  private maxSurge(set: DaemonSet, desired: number): number {
    return scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxSurge ?? 0, desired, true) ?? 0;
  }

  /** Ends old pods, as many at a time as may be missing. */
  private async roll(
    set: DaemonSet,
    { nodes, pods, hash, key }: { nodes: readonly Node[]; pods: readonly Pod[]; hash: string; key: string },
  ): Promise<void> {
    const eligible = nodes.filter((node) => placementOn(node, set.spec!.template).run).map(({ metadata }) => metadata.name ?? '');
    const byNode = Map.groupBy(pods, nodeOf);
    const nowMs = this.tools.clock.now();
    const surge = this.maxSurge(set, eligible.length);
    const maxUnavailable =
      surge > 0 ? 0 : Math.max(1, scaledValue(set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, eligible.length, true) ?? 1);
    const victims: Pod[] = [];
    const candidates: Pod[] = [];
    const newcomers: string[] = [];
    let unavailable = 0;
    let surging = 0;
    for (const name of eligible) {
      const living = (byNode.get(name) ?? []).filter((pod) => isPodActive(pod));
      const fresh = living.find(({ metadata }) => hashOf(metadata) === hash);
      const old = living.find(({ metadata }) => hashOf(metadata) !== hash);
      const available = (pod: Pod | undefined): boolean => pod !== undefined && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
      if (surge > 0) {
        if (fresh && old) {
          surging++;
          if (available(fresh)) victims.push(old);
        } else if (old && !fresh) available(old) ? candidates.push(old) : newcomers.push(name);
        continue;
      }
      if (!available(fresh) && !available(old)) unavailable++;
      if (!old || fresh) continue;
      if (available(old)) candidates.push(old);
      else victims.push(old);
    }
    if (surge > 0) {
      const room = Math.max(0, surge - surging);
      await this.change(set, { wanted: [...newcomers, ...candidates.map(nodeOf).slice(0, room)], unwanted: victims, hash, key });
      return;
    }
    await this.change(set, { wanted: [], unwanted: [...victims, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))], hash, key });
  }

  private async updateStatus(set: DaemonSet, { nodes, pods, hash }: { nodes: readonly Node[]; pods: readonly Pod[]; hash: string }): Promise<void> {
    const nowMs = this.tools.clock.now();
    const byNode = Map.groupBy(
      pods.filter((pod) => !isDeleting(pod)),
      nodeOf,
    );
    const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
    for (const node of nodes) {
      const { run } = placementOn(node, set.spec!.template);
      const there = byNode.get(node.metadata.name ?? '') ?? [];
      if (!run) {
        if (there.length) count.misscheduled++;
        continue;
      }
      count.desired++;
      if (there.length === 0) continue;
      count.current++;
      const [pod] = [...there].sort(oldestFirst);
      if (!pod) continue;
      if (isPodReady(pod)) count.ready++;
      if (isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs)) count.available++;
      if (hashOf(pod.metadata) === hash) count.updated++;
    }
    const status: DaemonSetStatus = {
      currentNumberScheduled: count.current,
      numberMisscheduled: count.misscheduled,
      desiredNumberScheduled: count.desired,
      numberReady: count.ready,
      ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
      ...(count.updated && { updatedNumberScheduled: count.updated }),
      ...(count.available && { numberAvailable: count.available }),
      ...(count.desired - count.available && { numberUnavailable: count.desired - count.available }),
      ...(set.status?.collisionCount !== undefined && { collisionCount: set.status.collisionCount }),
      ...(set.status?.conditions && { conditions: set.status.conditions }),
    };
    if (!deepEqual(status, set.status)) await this.tools.client.updateStatus<DaemonSet>(set, status);
  }

  private nextCheck(set: DaemonSet, pods: readonly Pod[]): Result {
    const minReadySeconds = set.spec?.minReadySeconds ?? 0;
    const waiting = minReadySeconds > 0 && pods.some((pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, this.tools.clock.now()));
    return waiting ? { requeueAfterMs: 1000 } : done;
  }
}
