// Pod garbage collection: pods of nodes that no longer exist, pods deleted before they were scheduled, and too many ended ones.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
import { type Clock, fromTime, isDeleting, isNotFound, isPodTerminal, type Logger, type Pod, setCondition } from '@steersman/api';
import { type Client, type InformerFactory, strategicMerge } from '@steersman/client';
import type { Runnable } from '@steersman/component-base';

export interface PodGcTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
}

const periodMs = 20_000;
/** A node must be gone for this long before its pods go. */
const quarantineMs = 40_000;
const maxEnded = 12_500;

export class PodGcController implements Runnable {
  readonly name = 'pod-garbage-collector';
  private readonly missing = new Map<string, number>();

  constructor(private readonly tools: PodGcTools) {
    tools.informers.of('Pod');
    tools.informers.of('Node');
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.tools;
    while (!signal.aborted) {
      await clock.sleep(periodMs, signal);
      if (!signal.aborted) await this.collect().catch((err: unknown) => logger.warn('collecting pods failed', { err }));
    }
  }

  async collect(): Promise<void> {
    const pods = this.tools.informers.of('Pod').lister.list();
    await this.collectEnded(pods);
    await this.collectOrphans(pods);
    for (const pod of pods) if (isDeleting(pod) && !pod.spec?.nodeName) await this.force(pod);
  }

  private async collectEnded(pods: readonly Pod[]): Promise<void> {
    const ended = pods
      .filter((pod) => isPodTerminal(pod) && !isDeleting(pod))
      .sort((a, b) => fromTime(a.metadata.creationTimestamp) - fromTime(b.metadata.creationTimestamp));
    for (const pod of ended.slice(0, Math.max(0, ended.length - maxEnded))) await this.force(pod);
  }

  private async collectOrphans(pods: readonly Pod[]): Promise<void> {
    const { informers, clock, client } = this.tools;
    const nodes = new Set(
      informers
        .of('Node')
        .lister.list()
        .map(({ metadata }) => metadata.name),
    );
    const wanted = new Set(pods.flatMap(({ spec }) => (spec?.nodeName && !nodes.has(spec.nodeName) ? [spec.nodeName] : [])));
    for (const name of [...this.missing.keys()]) if (!wanted.has(name)) this.missing.delete(name);
    for (const name of wanted) {
      const since = this.missing.get(name) ?? clock.monotonic();
      this.missing.set(name, since);
      if (clock.monotonic() - since < quarantineMs) continue;
      const exists = await client.get('Node', { name }).then(
        () => true,
        (error: unknown) => !isNotFound(error),
      );
      if (exists) continue;
      for (const pod of pods)
        if (pod.spec?.nodeName === name)
          await this.force(pod, { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' });
    }
  }

  private async force(pod: Pod, condition?: { type: string; status: string; reason: string; message: string }): Promise<void> {
    const { client, clock } = this.tools;
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    try {
      if (!isPodTerminal(pod)) {
        const conditions = condition ? { conditions: setCondition([], condition, clock.now()) } : {};
        await client.patch(
          'Pod',
          { namespace, name },
          { metadata: { uid }, status: { phase: 'Failed', ...conditions } },
          { subresource: 'status', type: strategicMerge },
        );
      }
      await client.delete('Pod', { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
