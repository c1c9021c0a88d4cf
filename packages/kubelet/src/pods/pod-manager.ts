// All pods of the node: a worker each, told of what the API and the runtime report; and what is left of pods that are no more.
import type { Pod } from '@steersman/api';
import { podUidLabel } from '../runtime/labels.js';
import { removePod } from './garbage-collection.js';
import type { KubeletContext } from './kubelet-context.js';
import { asNodePod, type NodePod, nameOf, namespaceOf, uidOf } from './pod.js';
import { PodWorker } from './pod-worker.js';
import { ReasonCache } from './reason-cache.js';

const relistMs = 60_000;
const eventRetryMs = 1000;

export class PodManager {
  readonly reasons = new ReasonCache();
  private readonly workers = new Map<string, PodWorker>();
  private readonly removals = new Set<Promise<void>>();
  private isRunning = false;

  constructor(private readonly context: KubeletContext) {}

  /** Every pod known here. */
  list(): NodePod[] {
    return [...this.workers.values()].map(({ current }) => current);
  }

  find(namespace: string, name: string): NodePod | undefined {
    return this.list().find((pod) => nameOf(pod) === name && namespaceOf(pod) === namespace);
  }

  get runningCount(): number {
    return [...this.workers.values()].filter(({ isOver }) => !isOver).length;
  }

  notify(uid: string): void {
    this.workers.get(uid)?.notify();
  }

  applied(pod: NodePod): void {
    const uid = uidOf(pod);
    const known = this.workers.get(uid);
    if (known) {
      known.update(pod);
      return;
    }
    const worker = new PodWorker(pod, { context: this.context, reasons: this.reasons, onDone: (done) => this.done(done) });
    this.workers.set(uid, worker);
    worker.notify();
  }

  removed(pod: Pod): void {
    this.workers.get(uidOf(asNodePod(pod)))?.vanished();
  }

  /** Follows the runtime until the signal aborts; then lets the workers finish their step. */
  async run(signal: AbortSignal): Promise<void> {
    this.isRunning = true;
    await Promise.all([this.followEvents(signal), this.relist(signal)]);
    this.isRunning = false;
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    await Promise.all(this.removals);
  }

  private async followEvents(signal: AbortSignal): Promise<void> {
    const { clock, logger, runtime } = this.context;
    while (!signal.aborted) {
      try {
        for await (const { podUid } of runtime.events(signal)) this.notify(podUid);
      } catch (err) {
        if (signal.aborted) return;
        logger.warn('events of the container runtime broke off, connecting again', { err });
        await clock.sleep(eventRetryMs, signal);
        for (const worker of this.workers.values()) worker.notify();
      }
    }
  }

  /** Looks now and then for what was missed: containers of pods that nobody knows. */
  private async relist(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.context;
    while (!signal.aborted) {
      await this.removeOrphans().catch((err: unknown) => logger.warn('orphaned containers not removed, trying again', { err }));
      await clock.sleep(relistMs, signal);
    }
  }

  private async removeOrphans(): Promise<void> {
    const sandboxes = await this.context.runtime.listPodSandboxes();
    const containers = await this.context.runtime.listContainers();
    const uids = new Set([
      ...(await this.context.volumes.known()),
      ...sandboxes.map(({ podUid }) => podUid),
      ...containers.map(({ labels }) => labels[podUidLabel] ?? ''),
    ]);
    for (const uid of uids) if (uid && !this.workers.has(uid)) await this.remove(uid);
  }

  private done(uid: string): void {
    this.workers.delete(uid);
    this.context.statuses.forget(uid);
    if (!this.isRunning) return;
    const removal = this.remove(uid).finally(() => this.removals.delete(removal));
    this.removals.add(removal);
  }

  private async remove(uid: string): Promise<void> {
    try {
      await removePod(this.context, uid);
      await this.context.volumes.tearDown(uid);
    } catch (err) {
      this.context.logger.warn('a pod that is gone was not removed from the node, trying again later', { pod: uid, err });
    }
  }
}
