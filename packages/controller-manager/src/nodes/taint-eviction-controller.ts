// Taint eviction: pods leave nodes with NoExecute taints that they do not tolerate, at once or when their time is up.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
import {
  type Clock,
  fromTime,
  isDeleting,
  isNotFound,
  type KubernetesObject,
  type Pod,
  setCondition,
  type Taint,
  type Toleration,
  tolerates,
} from '@steersman/api';
import { type Client, type EventRecorder, type InformerEvent, type InformerFactory, keyOf, strategicMerge } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

export interface TaintEvictionTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** How long the pod may stay: undefined for ever, 0 not at all. */
export function toleratedSeconds(tolerations: readonly Toleration[], taints: readonly Taint[]): number | undefined {
  const used: Toleration[] = [];
  for (const taint of taints) {
    const found = tolerations.find((one) => tolerates(one, taint));
    if (!found) return 0;
    used.push(found);
  }
  const limits = used.flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [Math.max(0, tolerationSeconds)]));
  return limits.length ? Math.min(...limits) : undefined;
}

export class TaintEvictionController implements Controller<'Pod'> {
  readonly name = 'taint-eviction';
  readonly watches = 'Pod';
  readonly related;
  /** Since when each pod has had to go, by key. */
  private readonly since = new Map<string, { uid: string; atMs: number }>();

  constructor(private readonly tools: TaintEvictionTools) {
    this.related = [
      {
        kind: 'Node' as const,
        keysOf: ({ object }: InformerEvent<KubernetesObject>) =>
          tools.informers
            .of('Pod')
            .lister.list()
            .filter(({ spec }) => spec?.nodeName === object.metadata?.name)
            .map(keyOf),
      },
    ];
  }

  async removed(key: string): Promise<Result> {
    this.since.delete(key);
    return done;
  }

  async reconcile(pod: Pod): Promise<Result> {
    const key = keyOf(pod);
    const node = pod.spec?.nodeName ? this.tools.informers.of('Node').lister.get('', pod.spec.nodeName) : undefined;
    const taints = (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
    const seconds = taints.length && !isDeleting(pod) ? toleratedSeconds(pod.spec?.tolerations ?? [], taints) : undefined;
    if (seconds === undefined) {
      if (this.since.delete(key) && !isDeleting(pod)) this.tools.recorder.normal(pod, 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
      return done;
    }
    const nowMs = this.tools.clock.now();
    let since = this.since.get(key);
    if (!since || since.uid !== pod.metadata.uid) {
      const added = Math.min(...taints.map(({ timeAdded }) => fromTime(timeAdded)).filter((time) => !Number.isNaN(time)), nowMs);
      since = { uid: pod.metadata.uid ?? '', atMs: added };
      if (seconds > 0) this.since.set(key, since);
    }
    const dueMs = since.atMs + seconds * 1000;
    if (dueMs > nowMs) return { requeueAfterMs: dueMs - nowMs };
    await this.evict(pod);
    return done;
  }

  private async evict(pod: Pod): Promise<void> {
    const { client, recorder, clock } = this.tools;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    this.since.delete(keyOf(pod));
    recorder.normal(pod, 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`);
    const conditions = setCondition(
      [],
      { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' },
      clock.now(),
    );
    try {
      await client.patch('Pod', { namespace, name }, { metadata: { uid }, status: { conditions } }, { subresource: 'status', type: strategicMerge });
      await client.delete('Pod', { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
