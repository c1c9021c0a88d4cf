// Node lifecycle: watches heartbeats, marks nodes that fall silent, taints nodes by their conditions, and takes their pods out of services.
// Mirrors https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
import {
  type Clock,
  conditionOf,
  deepEqual,
  ignoreNotFound,
  type KubernetesObject,
  type Node,
  type NodeCondition,
  type Pod,
  type Taint,
  toTime,
} from '@steersman/api';
import { type Client, type EventRecorder, type InformerEvent, type InformerFactory, strategicMerge } from '@steersman/client';
import type { Controller, Result } from '../runtime/controller.js';

export interface NodeLifecycleTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** A node that has not been heard of for so long is not reachable. */
const graceMs = 50_000;
const checkMs = 5000;

const conditionTaints: Readonly<Record<string, { readonly when: string; readonly key: string }>> = {
  MemoryPressure: { when: 'True', key: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { when: 'True', key: 'node.kubernetes.io/disk-pressure' },
  PIDPressure: { when: 'True', key: 'node.kubernetes.io/pid-pressure' },
  NetworkUnavailable: { when: 'True', key: 'node.kubernetes.io/network-unavailable' },
};
const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const unschedulable = 'node.kubernetes.io/unschedulable';

const olderLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
};
const ttlAnnotation = 'node.alpha.kubernetes.io/ttl';

const managed = new Set([...Object.values(conditionTaints).map(({ key }) => key), unschedulable]);

interface Heard {
  readonly sign: string;
  readonly atMs: number;
}

export class NodeLifecycleController implements Controller<'Node'> {
  readonly name = 'node-lifecycle';
  readonly watches = 'Node';
  readonly related;
  private readonly heard = new Map<string, Heard>();

  constructor(private readonly tools: NodeLifecycleTools) {
    this.related = [
      {
        kind: 'Lease' as const,
        keysOf: ({ object }: InformerEvent<KubernetesObject>) =>
          object.metadata?.namespace === 'kube-node-lease' ? [object.metadata.name ?? ''] : [],
      },
      { kind: 'Pod' as const, keysOf: ({ object }: InformerEvent<KubernetesObject>) => this.nodeOfReadyPod(object as Pod) },
    ];
  }

  async removed(key: string): Promise<Result> {
    const known = this.heard.delete(key);
    if (known)
      this.tools.recorder.normal(
        { kind: 'Node', apiVersion: 'v1', metadata: { name: key, uid: key } },
        'RemovingNode',
        `Node ${key} event: Removing Node ${key} from Controller`,
      );
    return {};
  }

  async reconcile(object: Node): Promise<Result> {
    const name = object.metadata.name ?? '';
    if (!this.heard.has(name))
      this.tools.recorder.normal(
        { kind: 'Node', apiVersion: 'v1', metadata: { name, uid: object.metadata.uid ?? '' } },
        'RegisteredNode',
        `Node ${name} event: Registered Node ${name} in Controller`,
      );
    const silentMs = this.silence(object);
    const node = silentMs > graceMs ? await this.markUnknown(object) : object;
    await this.taint(node);
    await this.label(node);
    const ready = conditionOf(node.status?.conditions, 'Ready')?.status;
    if (ready !== 'True') await this.markPodsNotReady(node);
    return { requeueAfterMs: checkMs };
  }

  /** How long ago the node last gave a sign of life, as seen here. */
  private silence(node: Node): number {
    const name = node.metadata.name ?? '';
    const lease = this.tools.informers.of('Lease').lister.get('kube-node-lease', name);
    const ready = conditionOf(node.status?.conditions, 'Ready');
    const sign = JSON.stringify([
      lease?.spec?.renewTime,
      ready?.status !== 'Unknown' ? node.status?.conditions?.map(({ lastHeartbeatTime }) => lastHeartbeatTime) : 'unknown',
      ready?.status === 'Unknown' ? 0 : ready?.status,
    ]);
    const nowMs = this.tools.clock.monotonic();
    const before = this.heard.get(name);
    if (
      before?.sign !== sign &&
      !(before && ready?.status === 'Unknown' && before.sign.startsWith(JSON.stringify([lease?.spec?.renewTime]).slice(0, -1)))
    ) {
      this.heard.set(name, { sign, atMs: nowMs });
      return 0;
    }
    return nowMs - before!.atMs;
  }

  private async markUnknown(node: Node): Promise<Node> {
    const { client, clock, recorder } = this.tools;
    const now = toTime(clock.now());
    const known = new Map((node.status?.conditions ?? []).map((condition) => [condition.type, condition]));
    const conditions: NodeCondition[] = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => {
      const current = known.get(type);
      if (!current)
        return {
          type,
          status: 'Unknown',
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
          lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
          lastTransitionTime: now,
        };
      if (current.status === 'Unknown') return current;
      return { ...current, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: now };
    });
    const others = (node.status?.conditions ?? []).filter(({ type }) => !conditions.some((one) => one.type === type));
    const next = [...conditions, ...others];
    if (deepEqual(new Map(next.map((one) => [one.type, one.status])), known) || next.every((one) => known.get(one.type)?.status === one.status))
      return node;
    recorder.normal(
      { kind: 'Node', apiVersion: 'v1', metadata: { name: node.metadata.name ?? '', uid: node.metadata.uid ?? '' } },
      'NodeNotReady',
      `Node ${node.metadata.name} status is now: NodeNotReady`,
    );
    return client.updateStatus<Node>(node, { ...node.status, conditions: next });
  }

  private async taint(node: Node): Promise<void> {
    const wanted = this.wantedTaints(node);
    const current = node.spec?.taints ?? [];
    const mine = (taint: Taint): boolean =>
      (managed.has(taint.key) && taint.effect === 'NoSchedule') || taint.key === notReady || taint.key === unreachable;
    const kept = current.filter((taint) => !mine(taint) || wanted.some((one) => one.key === taint.key && one.effect === taint.effect));
    const missing = wanted.filter((one) => !current.some((taint) => taint.key === one.key && taint.effect === one.effect));
    if (missing.length === 0 && kept.length === current.length) return;
    const now = toTime(this.tools.clock.now());
    const taints = [...kept, ...missing.map((taint) => ({ ...taint, timeAdded: now }))];
    await this.tools.client
      .patch(
        'Node',
        { name: node.metadata.name ?? '' },
        { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints: taints.length ? taints : null } },
        { type: 'application/merge-patch+json' },
      )
      .catch(ignoreNotFound);
  }

  /** Labels and the annotation that every node has: the older names of its system, and how long caches on it may live. */
  private async label({ metadata }: Node): Promise<void> {
    const { name = '', labels = {}, annotations = {} } = metadata;
    const missing = Object.entries(olderLabels).flatMap(([older, label]) =>
      labels[label] !== undefined && labels[older] !== labels[label] ? [[older, labels[label]]] : [],
    );
    if (missing.length === 0 && annotations[ttlAnnotation] !== undefined) return;
    await this.tools.client
      .patch(
        'Node',
        { name },
        {
          metadata: {
            labels: Object.fromEntries(missing),
            ...(annotations[ttlAnnotation] === undefined && { annotations: { [ttlAnnotation]: '0' } }),
          },
        },
        { type: strategicMerge },
      )
      .catch(ignoreNotFound);
  }

  private wantedTaints(node: Node): Taint[] {
    const wanted: Taint[] = [];
    for (const [type, { when, key }] of Object.entries(conditionTaints))
      if (conditionOf(node.status?.conditions, type)?.status === when) wanted.push({ key, effect: 'NoSchedule' });
    if (node.spec?.unschedulable) wanted.push({ key: unschedulable, effect: 'NoSchedule' });
    const ready = conditionOf(node.status?.conditions, 'Ready')?.status;
    if (ready === 'False') wanted.push({ key: notReady, effect: 'NoSchedule' }, { key: notReady, effect: 'NoExecute' });
    if (ready === 'Unknown') wanted.push({ key: unreachable, effect: 'NoSchedule' }, { key: unreachable, effect: 'NoExecute' });
    if (ready === undefined) wanted.push({ key: notReady, effect: 'NoSchedule' });
    return wanted;
  }

  private podsOn(name: string): Pod[] {
    return this.tools.informers
      .of('Pod')
      .lister.list()
      .filter(({ spec }) => spec?.nodeName === name);
  }

  private async markPodsNotReady(node: Node): Promise<void> {
    const { client, clock, recorder } = this.tools;
    if (conditionOf(node.status?.conditions, 'Ready') === undefined) return;
    for (const pod of this.podsOn(node.metadata.name ?? '')) {
      const ready = conditionOf(pod.status?.conditions, 'Ready');
      if (ready?.status !== 'True') continue;
      const { namespace = '', name = '' } = pod.metadata;
      const condition = { ...ready, status: 'False', lastTransitionTime: toTime(clock.now()) };
      recorder.warning(pod, 'NodeNotReady', 'Node is not ready');
      await client
        .patch('Pod', { namespace, name }, { status: { conditions: [condition] } }, { subresource: 'status', type: strategicMerge })
        .catch(ignoreNotFound);
    }
  }

  private nodeOfReadyPod(pod: Pod): string[] {
    const name = pod.spec?.nodeName;
    if (!name || conditionOf(pod.status?.conditions, 'Ready')?.status !== 'True') return [];
    const node = this.tools.informers.of('Node').lister.get('', name);
    const ready = conditionOf(node?.status?.conditions, 'Ready');
    return ready && ready.status !== 'True' ? [name] : [];
  }
}
