// One probe of one container of one pod: runs at its period and counts thresholds.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/prober/worker.go
import type { Clock, Probe, Random } from '@steersman/api';
import type { ProbeResult } from '../pods/pod-actions.js';
import type { ProbeOutcome } from './prober.js';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What a worker is told about its container at each step; undefined where it does not run. */
export interface ProbeView {
  readonly containerId: string;
  readonly startedAtMs: number;
  /** Its startup probe has succeeded, or it has none. */
  readonly started: boolean;
}

export interface ProbeWorkerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly kind: ProbeKind;
  readonly probe: Probe;
  /** The pod is being ended: only readiness goes on. */
  look(): ProbeView | undefined;
  run(containerId: string): Promise<ProbeOutcome>;
  failed(output: string): void;
  report(containerId: string, result: ProbeResult): void;
}

/** A container gets a moment to begin before its first probe. */
const settleMs = 300;

export class ProbeWorker {
  private readonly stopped = new AbortController();
  private wake = new AbortController();
  private containerId = '';
  private lastResult: boolean | undefined;
  private inARow = 0;
  /** After a failure that restarts the container there is nothing to do until it has been. */
  private onHold = false;

  constructor(private readonly options: ProbeWorkerOptions) {}

  start(): void {
    void this.loop();
  }

  stop(): void {
    this.stopped.abort();
    this.wake.abort();
  }

  /** Probes at once rather than at the next period. */
  trigger(): void {
    this.wake.abort();
  }

  private async loop(): Promise<void> {
    const { clock, probe } = this.options;
    const periodMs = (probe.periodSeconds ?? 10) * 1000;
    while (!this.stopped.signal.aborted) {
      const began = clock.monotonic();
      const earlyMs = await this.step();
      if (this.stopped.signal.aborted) return;
      this.wake = new AbortController();
      await clock.sleep(earlyMs ?? Math.max(10, periodMs - (clock.monotonic() - began)), this.wake.signal);
    }
  }

  /** Probes if it is time; else tells how long until then. */
  private async step(): Promise<number | undefined> {
    const { clock, kind, probe, look, run, failed, report } = this.options;
    const view = look();
    if (!view) return undefined;
    if (view.containerId !== this.containerId) {
      this.containerId = view.containerId;
      this.inARow = 0;
      this.lastResult = undefined;
      this.onHold = false;
    }
    if (this.onHold) return undefined;
    const earlyMs = Math.max((probe.initialDelaySeconds ?? 0) * 1000, settleMs) - (clock.now() - view.startedAtMs);
    if (earlyMs > 0) return earlyMs;
    if (kind === 'startup' ? view.started : !view.started) return undefined;
    const outcome = await run(view.containerId);
    if (this.stopped.signal.aborted || outcome.unknown) return undefined;
    if (look()?.containerId !== view.containerId) return undefined;
    if (!outcome.success) failed(outcome.output);
    this.inARow = outcome.success === this.lastResult ? this.inARow + 1 : 1;
    this.lastResult = outcome.success;
    const threshold = outcome.success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (this.inARow < threshold) return undefined;
    report(view.containerId, outcome.success ? 'success' : 'failure');
    if (!outcome.success && kind !== 'readiness') {
      this.onHold = true;
      this.inARow = 0;
    }
    return undefined;
  }
}
