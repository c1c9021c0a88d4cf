// Writes pod statuses to the API: the newest of each pod, one write at a time per pod, several pods at once; and completes deletions.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/status/status_manager.go
import { type Clock, deepEqual, isConflict, isNotFound, type Logger, type PodCondition, type PodStatus } from '@steersman/api';
import { type Client, WorkQueue } from '@steersman/client';
import { type NodePod, nameOf, namespaceOf, uidOf } from '../pods/pod.js';
import { ownedConditions } from './pod-conditions.js';

interface Entry {
  pod: NodePod;
  status: PodStatus | undefined;
  version: number;
  written: number;
  /** What the API has, as far as we know. */
  lastWritten: PodStatus | undefined;
  /** Nothing of the pod is left on the node: its deletion may be completed. */
  finished: boolean;
}

const workers = 8;
/** How often what the API has is compared with what was written. */
const reconcileMs = 10_000;

export interface StatusManagerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class StatusManager {
  readonly name = 'status manager';
  private readonly entries = new Map<string, Entry>();
  private readonly queue: WorkQueue;

  constructor(private readonly options: StatusManagerOptions) {
    this.queue = new WorkQueue(options.clock, { baseMs: 200, maxMs: 10_000 });
  }

  /** The newest status that was set for the pod, written or not. */
  get(uid: string): PodStatus | undefined {
    return this.entries.get(uid)?.status;
  }

  set(pod: NodePod, status: PodStatus): void {
    const entry = this.entryOf(pod);
    if (entry.status && deepEqual(entry.status, status)) return;
    entry.status = status;
    entry.version++;
    this.queue.add(uidOf(pod));
  }

  /** Nothing of the pod is left; if it is being deleted, that can be completed. */
  finish(pod: NodePod): void {
    const entry = this.entryOf(pod);
    entry.finished = true;
    this.queue.add(uidOf(pod));
  }

  /** The API has changed the pod (such as by deleting it). */
  observe(pod: NodePod): void {
    const entry = this.entries.get(uidOf(pod));
    if (!entry) return;
    entry.pod = pod;
    if (entry.finished && pod.metadata.deletionTimestamp) this.queue.add(uidOf(pod));
  }

  forget(uid: string): void {
    this.entries.delete(uid);
    this.queue.forget(uid);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.queue.drain(signal, { workers, work: (uid) => this.sync(uid, signal) }), this.reconcile(signal)]);
  }

  /** Writes anew what somebody else wrote over, such as the readiness of pods when the node was taken for dead. */
  private async reconcile(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.options.clock.sleep(reconcileMs, signal);
      for (const [uid, entry] of this.entries) {
        const { pod, status, version, written } = entry;
        if (!status || version !== written || Object.keys(patchOf(pod.status, status)).length === 0) continue;
        entry.lastWritten = pod.status;
        entry.version++;
        this.queue.add(uid);
      }
    }
  }

  private entryOf(pod: NodePod): Entry {
    const uid = uidOf(pod);
    const known = this.entries.get(uid);
    if (known) {
      known.pod = pod;
      return known;
    }
    const entry: Entry = { pod, status: undefined, version: 0, written: 0, lastWritten: undefined, finished: false };
    this.entries.set(uid, entry);
    return entry;
  }

  private async sync(uid: string, signal: AbortSignal): Promise<void> {
    const entry = this.entries.get(uid);
    if (!entry) return;
    try {
      if (entry.version !== entry.written && entry.status) await this.write(uid, entry, entry.status, signal);
      if (entry.finished && entry.pod.metadata.deletionTimestamp && entry.version === entry.written)
        await this.completeDeletion(uid, entry.pod, signal);
      this.queue.forget(uid);
    } catch (err) {
      if (signal.aborted) return;
      if (isNotFound(err)) return;
      this.options.logger.debug('pod status not written, trying again', { pod: nameOf(entry.pod), namespace: namespaceOf(entry.pod), err });
      this.queue.retry(uid);
    }
  }

  private async write(uid: string, entry: Entry, status: PodStatus, signal: AbortSignal): Promise<void> {
    const { version, pod } = entry;
    const patch = { metadata: { uid }, status: patchOf(entry.lastWritten ?? pod.status, status) };
    const key = { namespace: namespaceOf(pod), name: nameOf(pod) };
    await this.options.client.patch('Pod', key, patch, { subresource: 'status', signal });
    entry.written = version;
    entry.lastWritten = status;
  }

  private async completeDeletion(uid: string, pod: NodePod, signal: AbortSignal): Promise<void> {
    const key = { namespace: namespaceOf(pod), name: nameOf(pod) };
    try {
      await this.options.client.delete('Pod', key, { gracePeriodSeconds: 0, preconditions: { uid }, signal });
    } catch (error) {
      if (isNotFound(error) || isConflict(error)) return;
      throw error;
    }
  }
}

/** Conditions of others are theirs to change. */
const isOwned = (type: string): boolean => ownedConditions.has(type) && type !== 'DisruptionTarget';

/** A condition without what it leaves open: the API says so with null. */
const said = (condition: PodCondition): unknown => Object.fromEntries(Object.entries(condition).filter(([, value]) => value != null));

/** A strategic merge patch of the status: changed fields, conditions by type, lists replaced. */
function patchOf(before: PodStatus, after: PodStatus): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof PodStatus>;
  for (const key of keys) {
    if (key === 'conditions' || deepEqual(before[key], after[key])) continue;
    if (after[key] === undefined) {
      if (handled.has(key)) patch[key] = null;
    } else patch[key] = key === 'podIPs' || key === 'hostIPs' ? [{ $patch: 'replace' }, ...(after[key] as readonly unknown[])] : after[key];
  }
  const conditions = (after.conditions ?? []).filter(
    (condition) => isOwned(condition.type) && !before.conditions?.some((old) => deepEqual(said(old), said(condition))),
  );
  // A merge keeps what a condition no longer says: those fields have to be cleared by name.
  const cleared = conditions.map((condition) => ({
    ...(!condition.reason && { reason: null }),
    ...(!condition.message && { message: null }),
    ...condition,
  }));
  const removed = (before.conditions ?? []).filter(({ type }) => isOwned(type) && !after.conditions?.some((condition) => condition.type === type));
  const list = [...cleared, ...removed.map(({ type }) => ({ type, $patch: 'delete' }))];
  if (list.length > 0) patch['conditions'] = list;
  return patch;
}

/** What the kubelet may clear; fields that others own stay. */
const handled = new Set<string>(['message', 'reason', 'podIP', 'podIPs', 'initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']);
