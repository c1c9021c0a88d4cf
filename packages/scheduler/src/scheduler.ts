// The scheduler: takes pods from its queue, one cycle each, and binds them to nodes.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
import { type Clock, ignoreNotFound, isDeleting, isNotFound, type Logger, type Node, type Pod, type Random, setCondition } from '@steersman/api';
import { type Client, EventRecorder, Informer } from '@steersman/client';
import { Counter, createMetrics, Gauge, type Registry, type Runnable, runAll } from '@steersman/component-base';
import { type CycleState, Framework } from './framework/framework.js';
import type { NodeInfo } from './framework/node-info.js';
import { summary, type Unschedulable } from './framework/status.js';
import { defaultPlugins } from './plugins.js';
import { preempt } from './preemption.js';
import { SchedulerCache } from './scheduler-cache.js';
import { SchedulingQueue } from './scheduling-queue.js';

export interface SchedulerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Pods that ask for this scheduler by name are its own. */
  readonly schedulerName?: string;
}

/** At least so many feasible nodes are scored; of many nodes a share is enough. */
const minFeasible = 100;
const maxBindings = 256;

export class Scheduler implements Runnable {
  readonly name = 'scheduler';
  readonly metrics: Registry = createMetrics();
  private readonly cache = new SchedulerCache();
  private readonly queue: SchedulingQueue;
  private readonly framework: Framework;
  private readonly recorder: EventRecorder;
  private readonly pods: Informer<'Pod'>;
  private readonly nodes: Informer<'Node'>;
  private readonly attempts: Counter;
  private readonly bindings = new Set<Promise<void>>();
  private nextStart = 0;

  constructor(private readonly options: SchedulerOptions) {
    const { client, clock, random, logger } = options;
    this.framework = new Framework(defaultPlugins(client));
    this.queue = new SchedulingQueue(clock, (a, b) => this.framework.less(a, b));
    this.recorder = new EventRecorder({ client, clock, random, logger, component: 'default-scheduler', style: 'series' });
    this.pods = new Informer({ client, clock, logger, kind: 'Pod' });
    this.nodes = new Informer({ client, clock, logger, kind: 'Node' });
    this.attempts = new Counter({
      name: 'scheduler_schedule_attempts_total',
      help: 'Attempts to schedule pods, by result',
      labelNames: ['result'],
      registers: [this.metrics],
    });
    new Gauge({ name: 'scheduler_pending_pods', help: 'Pods waiting to be scheduled', registers: [this.metrics], collect: this.collectPending() });
    this.subscribe();
  }

  private collectPending(): (this: Gauge) => void {
    const { queue } = this;
    return function collect() {
      this.set(queue.size);
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    await runAll(signal, [this.pods, this.nodes, { name: 'scheduling loop', run: (stop) => this.loop(stop) }]);
  }

  private subscribe(): void {
    this.nodes.onEvent((event) => {
      if (event.type === 'delete') this.cache.removeNode(event.object.metadata.name ?? '');
      else this.cache.setNode(event.object);
      if (event.type === 'delete' || event.old === undefined || nodeChanged(event.old, event.object)) this.queue.moveAll();
    });
    this.pods.onEvent((event) => {
      const pod = event.object;
      const uid = pod.metadata.uid ?? '';
      if (event.type === 'delete') {
        this.queue.delete(uid);
        const placed = this.cache.has(uid);
        this.cache.forget(uid);
        if (placed) this.queue.moveAll();
        return;
      }
      if (pod.spec?.nodeName) {
        this.queue.delete(uid);
        const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
        const before = this.cache.has(uid);
        this.cache.setPod(pod);
        if (ended && before) this.queue.moveAll();
        return;
      }
      this.waiting(pod, event.old);
    });
  }

  private waiting(pod: Pod, old: Pod | undefined): void {
    const { schedulerName = 'default-scheduler' } = this.options;
    if (pod.spec?.schedulerName !== schedulerName || isDeleting(pod)) {
      if (isDeleting(pod)) this.queue.delete(pod.metadata.uid ?? '');
      return;
    }
    if (this.framework.preEnqueue(pod) !== undefined) return;
    const mayMatter =
      old === undefined ||
      JSON.stringify(old.spec) !== JSON.stringify(pod.spec) ||
      JSON.stringify(old.metadata.labels) !== JSON.stringify(pod.metadata.labels);
    this.queue.add(pod, { mayMatter });
  }

  private async loop(signal: AbortSignal): Promise<void> {
    await Promise.race([
      Promise.all([this.pods.synced, this.nodes.synced]),
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
    signal.addEventListener('abort', () => this.queue.close(), { once: true });
    if (signal.aborted) this.queue.close();
    for (let pod = await this.queue.take(); pod; pod = await this.queue.take()) {
      if (this.bindings.size >= maxBindings) await Promise.race(this.bindings);
      this.schedule(pod, signal);
    }
    await Promise.all(this.bindings);
  }

  /** One scheduling cycle; binding and status writes go on beside the next one. */
  private schedule(pod: Pod, signal: AbortSignal): void {
    const state: CycleState = { pod, nodes: this.cache.nodes, data: new Map() };
    const { feasible, refused, message } = this.findNodes(state);
    if (feasible.length === 0) {
      this.track(
        this.unschedulable(state, { refused, message: message ?? summary(state.nodes.length, refused.values()), preemptible: message === undefined }),
      );
      return;
    }
    const node = this.pick(state, feasible);
    this.cache.assume(pod, node.name);
    this.track(this.bind(pod, node.name, signal));
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((err: unknown) => this.options.logger.warn('scheduling work failed', { err }))
      .finally(() => this.bindings.delete(tracked));
    this.bindings.add(tracked);
  }

  private findNodes(state: CycleState): { feasible: NodeInfo[]; refused: Map<string, Unschedulable>; message?: string } {
    const refused = new Map<string, Unschedulable>();
    const { nodes } = state;
    if (nodes.length === 0) return { feasible: [], refused, message: 'no nodes available to schedule pods' };
    const narrowed = this.framework.preFilter(state);
    if ('code' in narrowed) {
      for (const { name } of nodes) refused.set(name, narrowed);
      return { feasible: [], refused };
    }
    const enough = this.enough(nodes.length);
    const feasible: NodeInfo[] = [];
    let looked = 0;
    for (; looked < nodes.length && feasible.length < enough; looked++) {
      const node = nodes[(this.nextStart + looked) % nodes.length]!;
      if (narrowed.nodes && !narrowed.nodes.has(node.name)) {
        refused.set(node.name, {
          code: 'unresolvable',
          plugin: narrowed.by?.[0] ?? '',
          reasons: [`node(s) didn't satisfy plugin(s) [${(narrowed.by ?? []).join(',')}]`],
        });
        continue;
      }
      const status = this.framework.filter(state, node);
      if (status) refused.set(node.name, status);
      else feasible.push(node);
    }
    this.nextStart = (this.nextStart + looked) % nodes.length;
    return { feasible, refused };
  }

  /** How many feasible nodes are enough to choose from. */
  private enough(count: number): number {
    if (count < minFeasible) return count;
    const percentage = Math.max(5, Math.floor(50 - count / 125));
    return Math.max(minFeasible, Math.floor((count * percentage) / 100));
  }

  private pick(state: CycleState, feasible: readonly NodeInfo[]): NodeInfo {
    if (feasible.length === 1) return feasible[0]!;
    const scores = this.framework.score(state, feasible);
    let chosen = 0;
    let ties = 1;
    for (let index = 1; index < feasible.length; index++) {
      const difference = (scores[index] ?? 0) - (scores[chosen] ?? 0);
      if (difference > 0) {
        chosen = index;
        ties = 1;
      } else if (difference === 0 && this.options.random.number() * ++ties < 1) chosen = index;
    }
    return feasible[chosen]!;
  }

  private async bind(pod: Pod, node: string, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    try {
      await this.framework.bind(pod, node, signal);
      this.queue.done(uid);
      this.attempts.inc({ result: 'scheduled' });
      this.recorder.normal(pod, 'Scheduled', `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`, {
        action: 'Binding',
      });
    } catch (error) {
      this.cache.forget(uid);
      if (signal.aborted || isNotFound(error)) {
        this.queue.delete(uid);
        return;
      }
      this.attempts.inc({ result: 'error' });
      this.options.logger.debug('binding failed, retrying', { namespace: pod.metadata.namespace, name: pod.metadata.name, node, err: error });
      this.queue.failed(uid, { retry: true });
    }
  }

  private async unschedulable(
    state: CycleState,
    { refused, message, preemptible }: { refused: ReadonlyMap<string, Unschedulable>; message: string; preemptible: boolean },
  ): Promise<void> {
    const { pod } = state;
    this.attempts.inc({ result: 'unschedulable' });
    let text = message;
    let nominated: string | undefined;
    if (preemptible) {
      const outcome = preempt(this.framework, state, refused);
      if ('candidate' in outcome) {
        nominated = outcome.candidate.node;
        await this.evict(pod, outcome.candidate.victims);
      } else text = `${message} no new claims to deallocate, preemption: ${outcome.message}`;
    }
    this.queue.failed(pod.metadata.uid ?? '');
    this.recorder.warning(pod, 'FailedScheduling', text, { action: 'Scheduling' });
    await this.noteUnschedulable(pod, text, nominated);
  }

  private async evict(pod: Pod, victims: readonly Pod[]): Promise<void> {
    const { client, clock, logger } = this.options;
    for (const victim of victims) {
      const { namespace = '', name = '' } = victim.metadata;
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: `${pod.spec?.schedulerName}: preempting to accommodate a higher priority pod`,
      };
      try {
        await client.patch(
          'Pod',
          { namespace, name },
          { status: { conditions: setCondition([], condition, clock.now()) } },
          { subresource: 'status' },
        );
        await client.delete('Pod', { namespace, name }, victim.metadata.uid ? { preconditions: { uid: victim.metadata.uid } } : {});
        this.recorder.normal(victim, 'Preempted', `Preempted by pod ${pod.metadata.uid} on node ${victim.spec?.nodeName}`, {
          action: 'Preempting',
          related: pod,
        });
      } catch (err) {
        if (!isNotFound(err)) logger.warn('preempting a pod failed', { namespace, name, err });
      }
    }
  }

  private async noteUnschedulable(pod: Pod, message: string, nominated: string | undefined): Promise<void> {
    const { client, clock } = this.options;
    const { namespace = '', name = '' } = pod.metadata;
    const current = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (current?.status === 'False' && current.reason === 'Unschedulable' && current.message === message && nominated === undefined) return;
    const [condition] = setCondition(
      current ? [current] : [],
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message,
        ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
      },
      clock.now(),
    );
    await client
      .patch(
        'Pod',
        { namespace, name },
        { status: { conditions: [{ lastProbeTime: null, ...condition }], ...(nominated && { nominatedNodeName: nominated }) } },
        { subresource: 'status' },
      )
      .catch(ignoreNotFound);
  }
}

/** Whether a node changed in a way that may let a waiting pod fit: not by its heartbeat. */
function nodeChanged(old: Node, node: Node): boolean {
  return (
    JSON.stringify(old.spec) !== JSON.stringify(node.spec) ||
    JSON.stringify(old.metadata.labels) !== JSON.stringify(node.metadata.labels) ||
    JSON.stringify(old.status?.allocatable) !== JSON.stringify(node.status?.allocatable) ||
    JSON.stringify(old.status?.conditions?.map(({ type, status }) => [type, status])) !==
      JSON.stringify(node.status?.conditions?.map(({ type, status }) => [type, status]))
  );
}
