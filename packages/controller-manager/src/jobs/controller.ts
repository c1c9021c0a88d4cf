// Jobs: pods run until enough of them have succeeded, too many have failed, or time is up.
// Mirrors https://kubernetes.io/docs/concepts/workloads/controllers/job/
import {
  type Clock,
  controllerOf,
  deepEqual,
  isDeleting,
  isNotFound,
  isPodReady,
  type Job,
  type JobStatus,
  type KindName,
  type KubernetesObject,
  type Pod,
  toTime,
} from '@steersman/api';
import { type Client, type EventRecorder, Expectations, type InformerEvent, type InformerFactory, keyOf } from '@steersman/client';
import { claim } from '../pods/claim.js';
import { type PodControl, slowStart } from '../pods/pod-control.js';
import { rankForDeletion } from '../pods/pod-ranking.js';
import { type Controller, done, type Result } from '../runtime/controller.js';
import { isFinished, withCondition } from './conditions.js';
import { formatIndexes, isIndexed, overridesOf } from './indexes.js';
import { type Observed, observe, replacesFailedOnly } from './observed.js';
import { deadlineInMs, type Outcome, outcomeOf } from './outcome.js';
import { isTracked, trackingFinalizer, untrack } from './tracking.js';

const firstBackoffMs = 10_000;
const longestBackoffMs = 600_000;
const mostPodsAtOnce = 500;

export interface JobTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly pods: PodControl;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** Runs the pods of jobs and keeps count of what they came to. */
export class JobController implements Controller<'Job'> {
  readonly name = 'job';
  readonly watches = 'Job';
  readonly owns = ['Pod'] as const;
  readonly related = [{ kind: 'Pod' as KindName, keysOf: ownersOfOrphan }];
  private readonly expectations: Expectations;
  /** By job: pods that are let go already, though the cache may still say otherwise. */
  private readonly released = new Map<string, Set<string>>();

  constructor(private readonly tools: JobTools) {
    this.expectations = new Expectations(tools.clock);
  }

  observeOwned(event: InformerEvent<KubernetesObject>, ownerKey: string): void {
    if (event.type === 'delete' || isDeleting(event.object)) this.expectations.deletionObserved(ownerKey, event.object.metadata?.uid ?? '');
    if (event.type === 'apply' && event.old === undefined) this.expectations.creationObserved(ownerKey);
  }

  async removed(key: string): Promise<Result> {
    this.expectations.forget(key);
    this.released.delete(key);
    const [namespace = '', name = ''] = key.split('/');
    for (const pod of this.tools.informers.of('Pod').lister.list(namespace)) {
      const owner = controllerOf(pod);
      const ours = owner ? owner.kind === 'Job' && owner.name === name : pod.metadata.labels?.['batch.kubernetes.io/job-name'] === name;
      if (ours && isTracked(pod)) await untrack(this.tools.client, pod);
    }
    return done;
  }

  async reconcile(job: Job): Promise<Result> {
    if (job.spec?.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller') return done;
    const key = keyOf(job);
    if (!this.expectations.satisfied(key)) return done;
    const pods = await this.podsOf(job);
    const released = this.released.get(key) ?? new Set<string>();
    this.released.set(key, released);
    if (isFinished(job)) {
      await this.letGo(pods, released);
      return done;
    }
    const nowMs = this.tools.clock.now();
    const started: Job = { ...job, status: { ...job.status, ...(!job.status?.startTime && !job.spec?.suspend && { startTime: toTime(nowMs) }) } };
    const seen = observe(started, pods, released);
    const outcome = outcomeOf(started, seen.tally, nowMs);
    const counts = await this.act(started, seen, { key, outcome });
    await this.record(started, seen, { outcome, counts, released });
    return this.nextCheck(started, seen, outcome);
  }

  private async podsOf(job: Job): Promise<Pod[]> {
    const candidates = this.tools.informers.of('Pod').lister.list(job.metadata.namespace);
    const claimed = await claim({ client: this.tools.client, kind: 'Pod', owner: job, selector: job.spec?.selector, candidates });
    for (const pod of claimed.filter((one) => !controllerOf(one) && !isTracked(one)))
      await this.tools.client.patch(
        'Pod',
        { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' },
        { metadata: { finalizers: [...(pod.metadata.finalizers ?? []), trackingFinalizer] } },
      );
    return claimed.map((pod) =>
      controllerOf(pod) ? pod : { ...pod, metadata: { ...pod.metadata, finalizers: [...(pod.metadata.finalizers ?? []), trackingFinalizer] } },
    );
  }

  /** Creates and deletes pods; gives how many are active and terminating then. */
  private async act(
    job: Job,
    seen: Observed,
    { key, outcome }: { key: string; outcome: Outcome | undefined },
  ): Promise<{ active: number; terminating: number }> {
    const before = { active: seen.active.length, terminating: seen.terminating.length };
    if (isDeleting(job)) return before;
    if (outcome) {
      await this.deletePods(job, seen.active, key);
      return { active: 0, terminating: before.terminating + before.active };
    }
    const { parallelism = 1, completions, suspend = false } = job.spec ?? {};
    const needed =
      completions === undefined
        ? seen.tally.succeeded > 0
          ? Math.min(before.active, parallelism)
          : parallelism
        : Math.min(parallelism, completions - seen.tally.succeeded - seen.tally.failedIndexes.size);
    const surplus = before.active - (suspend ? 0 : Math.max(0, needed));
    if (surplus > 0) {
      const victims = suspend
        ? seen.active
        : rankForDeletion(seen.active, { neighbours: new Map(), nowMs: this.tools.clock.now() }).slice(0, surplus);
      for (const pod of victims) await untrack(this.tools.client, pod);
      await this.deletePods(job, victims, key);
      return { active: before.active - victims.length, terminating: before.terminating + victims.length };
    }
    const blocked = replacesFailedOnly(job) ? before.terminating : 0;
    const missing = suspend ? 0 : Math.min(needed - before.active - blocked, mostPodsAtOnce);
    if (missing <= 0 || this.backoffMs(job, seen) > 0) return before;
    return { ...before, active: before.active + (await this.createPods(job, seen, { key, missing })) };
  }

  private async createPods(job: Job, seen: Observed, { key, missing }: { key: string; missing: number }): Promise<number> {
    const indexes = isIndexed(job) ? seen.freeIndexes(missing) : undefined;
    const count = indexes?.length ?? missing;
    this.expectations.expectCreations(key, count);
    const { succeeded, error } = await slowStart(count, async (position) => {
      const index = indexes?.[position];
      const overrides = index === undefined ? {} : overridesOf(job, index, seen.failuresOfIndex(index));
      await this.tools.pods.create(job, job.spec?.template ?? {}, { ...overrides, finalizers: [trackingFinalizer] });
    });
    if (succeeded < count) this.expectations.creationObserved(key, count - succeeded);
    if (error) throw error;
    return succeeded;
  }

  private async deletePods(job: Job, pods: readonly Pod[], key: string): Promise<void> {
    if (!pods.length) return;
    this.expectations.expectDeletions(
      key,
      pods.map(({ metadata }) => metadata.uid ?? ''),
    );
    for (const pod of pods)
      await this.tools.pods.delete(job, pod).catch((error: unknown) => {
        this.expectations.deletionObserved(key, pod.metadata.uid ?? '');
        if (!isNotFound(error)) throw error;
      });
  }

  private async letGo(pods: readonly Pod[], released: Set<string>): Promise<void> {
    for (const pod of pods) {
      if (!isTracked(pod) || released.has(pod.metadata.uid ?? '')) continue;
      await untrack(this.tools.client, pod);
      released.add(pod.metadata.uid ?? '');
    }
  }

  /** Counts what has ended: first noted by uid, then freed of its finalizer, then added to the numbers. */
  private async record(
    job: Job,
    seen: Observed,
    { outcome, counts, released }: { outcome: Outcome | undefined; counts: { active: number; terminating: number }; released: Set<string> },
  ): Promise<void> {
    const toCount = seen.toCount(outcome?.type, isDeleting(job));
    const status = this.statusOf(job, seen, { outcome, counts, toCount });
    let current = job;
    if (!deepEqual(status, this.tools.informers.of('Job').lister.getByKey(keyOf(job))?.status))
      current = (await this.tools.client.updateStatus(job, status as never)) as Job;
    await this.letGo(toCount.pods, released);
    const uncounted = current.status?.uncountedTerminatedPods;
    const over = outcome !== undefined && counts.terminating === 0;
    const last: JobStatus = {
      ...current.status,
      ...positive('succeeded', (current.status?.succeeded ?? 0) + (uncounted?.succeeded?.length ?? 0)),
      ...positive('failed', (current.status?.failed ?? 0) + (uncounted?.failed?.length ?? 0)),
      uncountedTerminatedPods: {},
      ...(over && this.finish(current, outcome)),
    };
    if (!deepEqual(last, current.status)) await this.tools.client.updateStatus(current, last as never);
    if (over) this.announce(job, outcome);
  }

  private finish(job: Job, { type, reason, message }: Outcome): Partial<JobStatus> {
    const nowMs = this.tools.clock.now();
    const failed = type === 'FailureTarget';
    const conditions = withCondition(job.status?.conditions ?? [], { type: failed ? 'Failed' : 'Complete', status: 'True', reason, message }, nowMs);
    return { conditions, ...(!failed && { completionTime: toTime(nowMs) }) };
  }

  private announce(job: Job, { type, reason, message }: Outcome): void {
    if (type === 'FailureTarget') this.tools.recorder.warning(job, reason, message);
    else this.tools.recorder.normal(job, 'Completed', 'Job completed');
  }

  private statusOf(
    job: Job,
    seen: Observed,
    {
      outcome,
      counts,
      toCount,
    }: { outcome: Outcome | undefined; counts: { active: number; terminating: number }; toCount: ReturnType<Observed['toCount']> },
  ): JobStatus {
    const { active: _active, completedIndexes: _completed, failedIndexes: _failed, ...rest } = job.status ?? {};
    const nowMs = this.tools.clock.now();
    const indexed = isIndexed(job);
    let conditions = rest.conditions ?? [];
    const suspended = conditions.find(({ type }) => type === 'Suspended')?.status === 'True';
    let startTime = rest.startTime;
    if (outcome) conditions = withCondition(conditions, { ...outcome, status: 'True' }, nowMs);
    else if (job.spec?.suspend && !suspended) {
      conditions = withCondition(conditions, { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'Job suspended' }, nowMs);
      this.tools.recorder.normal(job, 'Suspended', 'Job suspended');
    } else if (!job.spec?.suspend && suspended) {
      conditions = withCondition(conditions, { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'Job resumed' }, nowMs);
      startTime = toTime(nowMs);
      this.tools.recorder.normal(job, 'Resumed', 'Job resumed');
    }
    const { completedIndexes, failedIndexes } = seen.tally;
    return {
      ...rest,
      ...(conditions.length && { conditions }),
      ...(startTime && { startTime }),
      ...positive('active', counts.active),
      ...(indexed && positive('succeeded', completedIndexes.size)),
      ...(indexed && completedIndexes.size && { completedIndexes: formatIndexes(completedIndexes) }),
      ...(job.spec?.backoffLimitPerIndex !== undefined && { failedIndexes: formatIndexes(failedIndexes) }),
      terminating: counts.terminating,
      ready: outcome ? 0 : Math.min(counts.active, seen.active.filter(isPodReady).length),
      uncountedTerminatedPods: toCount.uncounted,
    };
  }

  /** How long no new pod is to be made, after failures in a row. */
  private backoffMs(job: Job, seen: Observed): number {
    if (job.spec?.backoffLimitPerIndex !== undefined || !seen.recentFailures.length) return 0;
    const lastMs = Math.max(...seen.recentFailures);
    return lastMs + Math.min(firstBackoffMs * 2 ** (seen.recentFailures.length - 1), longestBackoffMs) - this.tools.clock.now();
  }

  private nextCheck(job: Job, seen: Observed, outcome: Outcome | undefined): Result {
    if (outcome) return done;
    const waits = [this.backoffMs(job, seen), deadlineInMs(job, this.tools.clock.now()) ?? 0].filter((ms) => ms > 0);
    return waits.length ? { requeueAfterMs: Math.min(...waits) } : done;
  }
}

const positive = <K extends string>(field: K, value: number): Partial<Record<K, number>> => (value ? ({ [field]: value } as Record<K, number>) : {});

function ownersOfOrphan({ object }: InformerEvent<KubernetesObject>): string[] {
  const name = object.metadata?.labels?.['batch.kubernetes.io/job-name'];
  return name && isTracked(object as Pod) && !controllerOf(object) ? [`${object.metadata?.namespace}/${name}`] : [];
}
