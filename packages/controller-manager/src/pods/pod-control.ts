// Creates and deletes pods for the controllers that own them, in batches that grow as they succeed, with their events.
import { controllerReference, isNamespaceTerminating, isNotFound, type KubernetesObject, type Pod, type PodTemplateSpec } from '@steersman/api';
import type { Client, EventRecorder } from '@steersman/client';

export interface PodControl {
  /** Creates one pod of the template for its owner. */
  create(owner: KubernetesObject, template: PodTemplateSpec, overrides?: PodOverrides): Promise<Pod>;
  delete(owner: KubernetesObject, pod: Pod): Promise<void>;
}

export interface PodOverrides {
  readonly name?: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  change?(spec: NonNullable<PodTemplateSpec['spec']>): NonNullable<PodTemplateSpec['spec']>;
}

/** A pod as a template and its owner make it. */
export function podFromTemplate(owner: KubernetesObject, template: PodTemplateSpec, overrides: PodOverrides = {}): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const spec = template.spec!;
  const allFinalizers = [...(finalizers ?? []), ...(overrides.finalizers ?? [])];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: owner.metadata?.namespace ?? '',
      ...(overrides.name ? { name: overrides.name } : { generateName: overrides.generateName ?? `${owner.metadata?.name}-` }),
      ...((labels || overrides.labels) && { labels: { ...labels, ...overrides.labels } }),
      ...((annotations || overrides.annotations) && { annotations: { ...annotations, ...overrides.annotations } }),
      ...(allFinalizers.length && { finalizers: allFinalizers }),
      ownerReferences: [controllerReference(owner) as NonNullable<Pod['metadata']['ownerReferences']>[number]],
    },
    spec: overrides.change ? overrides.change(spec) : spec,
  };
}

export class RealPodControl implements PodControl {
  constructor(
    private readonly client: Client,
    private readonly recorder: EventRecorder,
  ) {}

  async create(owner: KubernetesObject, template: PodTemplateSpec, overrides: PodOverrides = {}): Promise<Pod> {
    try {
      const pod = await this.client.create<Pod>(podFromTemplate(owner, template, overrides));
      this.recorder.normal(owner, 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return pod;
    } catch (error) {
      if (!isNamespaceTerminating(error)) this.recorder.warning(owner, 'FailedCreate', `Error creating: ${(error as Error).message}`);
      throw error;
    }
  }

  async delete(owner: KubernetesObject, pod: Pod): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    try {
      await this.client.delete('Pod', { namespace, name }, { preconditions: { uid } });
    } catch (error) {
      if (isNotFound(error)) throw error;
      this.recorder.warning(owner, 'FailedDelete', `Error deleting: ${(error as Error).message}`);
      throw error;
    }
    this.recorder.normal(owner, 'SuccessfulDelete', `Deleted pod: ${name}`);
  }
}

/** Does `count` pieces of work in batches of 1, 2, 4…; after a failure the rest is not tried. Gives how many succeeded. */
export async function slowStart(count: number, work: (index: number) => Promise<void>): Promise<{ succeeded: number; error?: unknown }> {
  let succeeded = 0;
  for (let batch = 1, next = 0; next < count; batch *= 2) {
    const size = Math.min(batch, count - next);
    const outcomes = await Promise.allSettled(Array.from({ length: size }, (_, index) => work(next + index)));
    next += size;
    succeeded += outcomes.filter(({ status }) => status === 'fulfilled').length;
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure) return { succeeded, error: failure.reason as unknown };
  }
  return { succeeded };
}
