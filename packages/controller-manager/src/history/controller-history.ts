// Controller revisions: the templates that a daemon set or stateful set has had, as ControllerRevision objects.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
import {
  type ControllerRevision,
  controllerReference,
  deepEqual,
  ignoreNotFound,
  isAlreadyExists,
  type KubernetesObject,
  type LabelSelector,
  type PodTemplateSpec,
} from '@steersman/api';
import type { Client, InformerFactory } from '@steersman/client';
import { templateHash } from '../deployments/template-hash.js';
import { claim } from '../pods/claim.js';

export const revisionHashLabel = 'controller-revision-hash';

export interface HistoryOf {
  readonly owner: KubernetesObject;
  readonly selector: LabelSelector | undefined;
  readonly template: PodTemplateSpec;
  readonly limit: number;
  /** Hashes that pods still have. */
  readonly inUse: ReadonlySet<string>;
  readonly collisionCount?: number | undefined;
  /** The label by which a revision bears its hash, if not the usual one. */
  readonly hashLabel?: string;
}

/** The patch that a revision holds: the whole template, to be put in the place of another. */
const dataOf = (template: PodTemplateSpec): unknown => ({ spec: { template: { ...template, $patch: 'replace' } } });

const isOf = (revision: ControllerRevision, template: PodTemplateSpec): boolean => deepEqual(revision.data, dataOf(template));

export class ControllerHistory {
  constructor(private readonly tools: { client: Client; informers: InformerFactory }) {
    tools.informers.of('ControllerRevision');
  }

  /** The revision of the present template, made or brought to the front, and all others; too old ones are removed. */
  async sync(history: HistoryOf): Promise<{ current: ControllerRevision; old: readonly ControllerRevision[] }> {
    const revisions = await this.claimed(history);
    const newest = Math.max(0, ...revisions.map(({ revision }) => revision));
    const same = revisions.filter((revision) => isOf(revision, history.template)).sort((a, b) => b.revision - a.revision)[0];
    const current = same ? await this.toFront(same, newest) : await this.create(history, newest + 1);
    const old = revisions.filter(({ metadata }) => metadata.name !== current.metadata.name).sort((a, b) => a.revision - b.revision);
    await this.prune(old, history);
    return { current, old };
  }

  private claimed({ owner, selector }: HistoryOf): Promise<ControllerRevision[]> {
    const candidates = this.tools.informers.of('ControllerRevision').lister.list(owner.metadata?.namespace);
    return claim({ client: this.tools.client, kind: 'ControllerRevision', owner, selector, candidates });
  }

  private async toFront(revision: ControllerRevision, newest: number): Promise<ControllerRevision> {
    if (revision.revision >= newest) return revision;
    return this.tools.client.update<ControllerRevision>({ ...revision, revision: newest + 1 });
  }

  private async create({ owner, template, collisionCount, hashLabel = revisionHashLabel }: HistoryOf, revision: number): Promise<ControllerRevision> {
    const hash = templateHash(template, collisionCount);
    const name = `${owner.metadata?.name}-${hash}`;
    const namespace = owner.metadata?.namespace ?? '';
    try {
      return await this.tools.client.create<ControllerRevision>({
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name,
          namespace,
          labels: { ...template.metadata?.labels, [hashLabel]: hash },
          ...(owner.metadata?.annotations && { annotations: owner.metadata.annotations }),
          ownerReferences: [controllerReference(owner) as never],
        },
        data: dataOf(template),
        revision,
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return this.tools.client.get('ControllerRevision', { namespace, name });
    }
  }

  private async prune(old: readonly ControllerRevision[], { limit, inUse, hashLabel = revisionHashLabel }: HistoryOf): Promise<void> {
    const idle = old.filter(({ metadata }) => !inUse.has(metadata.labels?.[hashLabel] ?? ''));
    for (const { metadata } of idle.slice(0, Math.max(0, idle.length - limit)))
      await this.tools.client.delete('ControllerRevision', { namespace: metadata.namespace, name: metadata.name ?? '' }).catch(ignoreNotFound);
  }
}

export const hashOf = ({ labels }: { labels?: { [key: string]: string } }): string => labels?.[revisionHashLabel] ?? '';
