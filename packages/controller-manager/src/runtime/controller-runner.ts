// Runs one controller: its queue, its workers, its back-off, its metrics.
import {
  type Clock,
  controllerOf,
  isConflict,
  isNamespaceTerminating,
  type KindName,
  type KubernetesObject,
  type Logger,
  resourceOf,
} from '@steersman/api';
import { type InformerEvent, type InformerFactory, keyOf, WorkQueue } from '@steersman/client';
import { Counter, Gauge, Histogram, type Registry, type Runnable } from '@steersman/component-base';
import { type Controller, type Result, TerminalError } from './controller.js';

export interface RunnerTools {
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
}

/** The metrics that all controllers share, each under its own label. */
export class ControllerMetrics {
  readonly depth: Gauge;
  readonly duration: Histogram;
  readonly failures: Counter;

  constructor(registry: Registry) {
    this.depth = new Gauge({ name: 'workqueue_depth', help: 'Keys waiting in the queue', labelNames: ['name'], registers: [registry] });
    this.duration = new Histogram({
      name: 'workqueue_work_duration_seconds',
      help: 'Time one reconcile takes',
      labelNames: ['name'],
      registers: [registry],
      buckets: [0.001, 0.01, 0.1, 1, 10],
    });
    this.failures = new Counter({
      name: 'workqueue_retries_total',
      help: 'Reconciles that failed and are tried again',
      labelNames: ['name'],
      registers: [registry],
    });
  }
}

export class ControllerRunner<K extends KindName> implements Runnable {
  readonly name: string;
  private readonly queue: WorkQueue;
  private readonly logger: Logger;

  constructor(
    private readonly controller: Controller<K>,
    private readonly tools: RunnerTools,
    private readonly metrics: ControllerMetrics,
  ) {
    this.name = `${controller.name} controller`;
    this.queue = new WorkQueue(tools.clock);
    this.logger = tools.logger.child({ controller: controller.name });
    this.subscribe();
  }

  private subscribe(): void {
    const { watches, owns = [], related = [] } = this.controller;
    const { informers } = this.tools;
    informers.of(watches).onEvent((event) => this.queue.add(keyOf(event.object as KubernetesObject)));
    for (const kind of owns) informers.of(kind).onEvent((event) => this.ownedChanged(event as InformerEvent<KubernetesObject>));
    for (const { kind, keysOf } of related)
      informers.of(kind).onEvent((event) => {
        for (const key of keysOf(event as InformerEvent<KubernetesObject>)) this.queue.add(key);
      });
  }

  private ownedChanged(event: InformerEvent<KubernetesObject>): void {
    const { kind, group, version } = resourceOf(this.controller.watches);
    const apiVersion = group ? `${group}/${version}` : version;
    const keys = new Set<string>();
    const old = event.type === 'apply' ? event.old : undefined;
    for (const object of [event.object, old]) {
      const owner = object && controllerOf(object);
      if (owner?.kind === kind && owner.apiVersion === apiVersion)
        keys.add(object?.metadata?.namespace ? `${object.metadata.namespace}/${owner.name}` : owner.name);
    }
    for (const key of keys) {
      this.controller.observeOwned?.(event, key);
      this.queue.add(key);
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.race([
      this.tools.informers.synced(),
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
    await this.queue.drain(signal, { workers: this.controller.workers ?? 5, work: (key) => this.work(key, signal) });
  }

  private async work(key: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.tools;
    const startedMs = clock.monotonic();
    this.metrics.depth.set({ name: this.controller.name }, this.queue.depth);
    try {
      const { requeueAfterMs } = await this.reconcile(key, signal);
      this.queue.forget(key);
      if (requeueAfterMs !== undefined) this.queue.addAfter(key, requeueAfterMs);
    } catch (error) {
      this.failed(key, error, signal);
    } finally {
      this.metrics.duration.observe({ name: this.controller.name }, (clock.monotonic() - startedMs) / 1000);
    }
  }

  private async reconcile(key: string, signal: AbortSignal): Promise<Result> {
    const object = this.tools.informers.of(this.controller.watches).lister.getByKey(key);
    const context = { signal, logger: this.logger.child({ key }) };
    if (object === undefined) return (await this.controller.removed?.(key, context)) ?? {};
    return this.controller.reconcile(object, context);
  }

  private failed(key: string, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (error instanceof TerminalError) {
      this.logger.error('reconcile failed for good', { key, err: error });
      this.queue.forget(key);
      return;
    }
    if (isNamespaceTerminating(error)) {
      // What the controller wanted to make would go at once, and so does what it wanted it for.
      this.logger.debug('reconcile met a namespace that is being deleted', { key });
      this.queue.forget(key);
      return;
    }
    this.metrics.failures.inc({ name: this.controller.name });
    if (isConflict(error)) this.logger.debug('reconcile met a conflict, retrying', { key, err: error });
    else this.logger.warn('reconcile failed, retrying', { key, err: error });
    this.queue.retry(key);
  }
}
