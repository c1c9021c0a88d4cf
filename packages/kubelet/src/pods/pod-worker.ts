// One pod's worker: a state machine that is told of changes and does one thing at a time.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/pod_workers.go
import type { PodStatus } from '@steersman/api';
import { podStatus, rejectedStatus, type Verdict } from '../status/pod-status.js';
import { admit } from './admission.js';
import { garbageCollectPod } from './garbage-collection.js';
import { killPod } from './kill-pod.js';
import type { KubeletContext } from './kubelet-context.js';
import { gracePeriodOf, type NodePod, nameOf, namespaceOf, uidOf } from './pod.js';
import type { ReasonCache } from './reason-cache.js';
import { resizePod } from './resize-pod.js';
import { type RuntimePod, readRuntimePod, running } from './runtime-pod.js';
import { syncPod } from './sync-pod.js';

/** Where a pod stands on this node. `gone`: it left the API before it was ended here. */
type State =
  | { readonly at: 'new' }
  | { readonly at: 'running' }
  | { readonly at: 'terminating'; readonly verdict: Verdict | undefined; readonly graceSeconds: number | undefined }
  | { readonly at: 'terminated'; readonly cleaned: boolean }
  | { readonly at: 'done' };

const resyncMs = 60_000;
const firstRetryMs = 500;
const longestRetryMs = 120_000;

export interface PodWorkerOptions {
  readonly context: KubeletContext;
  readonly reasons: ReasonCache;
  /** The worker has nothing left to do for a pod that the API no longer has. */
  readonly onDone: (uid: string) => void;
}

export class PodWorker {
  private state: State = { at: 'new' };
  private gone = false;
  private stopped = false;
  private pending = false;
  private isRunning = false;
  private failures = 0;
  private alarm: { cancel(): void } | undefined;
  private work = new AbortController();
  private hurry = new AbortController();
  private settled: Promise<void> = Promise.resolve();

  constructor(
    private pod: NodePod,
    private readonly options: PodWorkerOptions,
  ) {}

  get current(): NodePod {
    return this.pod;
  }

  /** Nothing of it runs any longer. */
  get isOver(): boolean {
    return this.state.at === 'terminated' || this.state.at === 'done';
  }

  /** The API has a new version of the pod. */
  update(pod: NodePod): void {
    const before = this.pod;
    this.pod = pod;
    this.options.context.statuses.observe(pod);
    const deleted = pod.metadata.deletionTimestamp !== undefined;
    if (deleted && !before.metadata.deletionTimestamp) this.work.abort();
    if (deleted && gracePeriodOf(pod) < gracePeriodOf(before)) this.hurry.abort();
    this.notify();
  }

  /** The API no longer has the pod: end what still runs. */
  vanished(): void {
    this.gone = true;
    this.work.abort();
    this.hurry.abort();
    this.notify();
  }

  /** Something has happened that the pod may have to react to. */
  notify(): void {
    this.pending = true;
    if (!this.isRunning && !this.stopped) this.settled = this.loop();
  }

  /** Stops working, but leaves the containers as they are. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.alarm?.cancel();
    this.work.abort();
    await this.settled;
  }

  private async loop(): Promise<void> {
    this.isRunning = true;
    try {
      while (this.pending && !this.stopped) {
        this.pending = false;
        this.alarm?.cancel();
        await this.turn();
      }
    } finally {
      this.isRunning = false;
    }
  }

  private async turn(): Promise<void> {
    const { context } = this.options;
    if (this.state.at !== 'done' && this.work.signal.aborted) this.work = new AbortController();
    try {
      await this.step();
      this.failures = 0;
    } catch (err) {
      if (this.stopped) return;
      context.logger[err instanceof WaitsForVolumes ? 'debug' : 'warn']('pod not synced, trying again', {
        pod: nameOf(this.pod),
        namespace: namespaceOf(this.pod),
        err,
      });
      this.wakeAfter(Math.min(longestRetryMs, firstRetryMs * 2 ** this.failures++));
    }
  }

  private async step(): Promise<void> {
    const { context } = this.options;
    switch (this.state.at) {
      case 'new':
        this.begin();
        return;
      case 'running':
        if (this.pod.metadata.deletionTimestamp || this.gone) {
          this.enter({ at: 'terminating', verdict: undefined, graceSeconds: undefined });
          return;
        }
        await this.sync();
        return;
      case 'terminating':
        await this.terminate(this.state);
        return;
      case 'terminated':
        if (!this.state.cleaned) await this.cleanUp();
        if (this.gone) this.finish();
        else context.statuses.finish(this.pod);
        return;
      case 'done':
        return;
    }
  }

  private enter(state: State): void {
    this.state = state;
    this.pending = true;
  }

  private wakeAfter(ms: number): void {
    this.alarm?.cancel();
    this.alarm = this.options.context.clock.after(ms, () => this.notify());
  }

  /** A pod that was over before, or that is not taken, is not started. */
  private begin(): void {
    const { context } = this.options;
    const { phase } = this.pod.status;
    if (phase === 'Succeeded' || phase === 'Failed' || this.gone) {
      this.enter({ at: 'terminating', verdict: undefined, graceSeconds: undefined });
      return;
    }
    // A pod that has been started before was admitted before.
    const verdict = this.pod.status.startTime ? undefined : admit(this.pod, context.node.current(), context.allocations);
    if (verdict) {
      context.recorder.warning(this.pod, verdict.reason, verdict.message);
      context.statuses.set(this.pod, rejectedStatus(this.pod, verdict, context.clock.now()));
      this.enter({ at: 'terminated', cleaned: true });
      return;
    }
    context.allocations.allocate(this.pod);
    context.references.register(this.pod);
    context.probes.adopt(this.pod);
    this.enter({ at: 'running' });
  }

  private async sync(): Promise<void> {
    const { context, reasons } = this.options;
    const { pod } = this;
    let runtimePod = await garbageCollectPod(context, await readRuntimePod(context.runtime, uidOf(pod)));
    const verdict = this.deadlineVerdict();
    const resize = await resizePod(context, pod, runtimePod);
    const status = this.report(runtimePod, { verdict, isTerminal: false, resize });
    if (verdict) context.recorder.normal(pod, verdict.reason, verdict.message);
    if (status.phase === 'Succeeded' || status.phase === 'Failed') {
      this.enter({ at: 'terminating', verdict, graceSeconds: undefined });
      return;
    }
    const errors = await context.volumes.setUp(pod);
    for (const { message } of errors) context.recorder.warning(pod, 'FailedMount', message);
    if (errors.length > 0) {
      throw new WaitsForVolumes(errors.length);
    }
    const { retryAfterMs } = await syncPod(context, pod, { runtimePod, reasons, signal: this.work.signal });
    runtimePod = await readRuntimePod(context.runtime, uidOf(pod));
    context.probes.update(pod, runtimePod);
    const after = this.report(runtimePod, { verdict, isTerminal: false, resize });
    if (after.phase === 'Succeeded' || after.phase === 'Failed') this.pending = true;
    this.wakeAfter(Math.min(retryAfterMs ?? resyncMs, resyncMs, this.untilDeadline() ?? resyncMs));
  }

  private deadlineMs(): number | undefined {
    const { activeDeadlineSeconds } = this.pod.spec;
    const start = this.options.context.statuses.get(uidOf(this.pod))?.startTime ?? this.pod.status.startTime;
    return activeDeadlineSeconds === undefined || !start ? undefined : Date.parse(start) + activeDeadlineSeconds * 1000;
  }

  private untilDeadline(): number | undefined {
    const deadline = this.deadlineMs();
    return deadline === undefined ? undefined : Math.max(10, deadline - this.options.context.clock.now());
  }

  private deadlineVerdict(): Verdict | undefined {
    const deadline = this.deadlineMs();
    if (deadline === undefined || deadline > this.options.context.clock.now()) return undefined;
    return { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
  }

  private report(
    runtimePod: RuntimePod,
    { verdict, isTerminal, resize }: { verdict: Verdict | undefined; isTerminal: boolean; resize: Awaited<ReturnType<typeof resizePod>> },
  ): PodStatus {
    const { context, reasons } = this.options;
    const uid = uidOf(this.pod);
    const status = podStatus({
      pod: this.pod,
      sources: {
        runtimeName: context.runtime.name,
        runtimePod,
        waitingReason: (podUid, name) => reasons.get(podUid, name),
        allocated: (podUid, container) => context.allocations.resourcesOf(podUid, container),
      },
      previous: context.statuses.get(uid) ?? this.pod.status,
      readiness: context.probes,
      hostIps: context.node.addresses.slice(0, 1),
      isTerminal,
      verdict,
      resize,
      nowMs: context.clock.now(),
    });
    context.statuses.set(this.pod, status);
    return status;
  }

  private async terminate({ verdict, graceSeconds }: { verdict: Verdict | undefined; graceSeconds: number | undefined }): Promise<void> {
    const { context } = this.options;
    const uid = uidOf(this.pod);
    if (this.hurry.signal.aborted) this.hurry = new AbortController();
    let runtimePod = await readRuntimePod(context.runtime, uid);
    context.probes.stopLiveness(uid);
    const seconds = this.gone ? 1 : graceSeconds;
    await killPod(context, this.pod, runtimePod, { hurry: this.hurry.signal, ...(seconds !== undefined && { graceSeconds: seconds }) });
    runtimePod = await garbageCollectPod(context, await readRuntimePod(context.runtime, uid));
    if (running(runtimePod).length > 0) {
      this.pending = true;
      return;
    }
    context.probes.remove(uid);
    if (!this.gone && !this.wasRejected()) this.report(runtimePod, { verdict, isTerminal: true, resize: [] });
    this.enter({ at: 'terminated', cleaned: false });
  }

  /** Its status says that it was refused: that is all there is to say. */
  private wasRejected(): boolean {
    const { status } = this.pod;
    return status.phase === 'Failed' && !status.containerStatuses && Boolean(status.reason);
  }

  private async cleanUp(): Promise<void> {
    const { context } = this.options;
    const uid = uidOf(this.pod);
    context.allocations.release(uid);
    // Logs stay readable until the pod is deleted.
    if (this.pod.metadata.deletionTimestamp || this.gone) {
      await this.removeAll();
      this.state = { at: 'terminated', cleaned: true };
    }
  }

  private async removeAll(): Promise<void> {
    const { context, reasons } = this.options;
    const uid = uidOf(this.pod);
    await context.volumes.tearDown(uid);
    context.references.unregister(uid);
    reasons.forget(uid);
    context.crashes.forget(`${uid}_`);
    context.images.forget(uid);
  }

  private finish(): void {
    this.state = { at: 'done' };
    this.alarm?.cancel();
    this.options.onDone(uidOf(this.pod));
  }
}

/** The pod waits for its volumes; the event has said which. */
class WaitsForVolumes extends Error {
  constructor(count: number) {
    super(`${count} volumes are not ready`);
  }
}
