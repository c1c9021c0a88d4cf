// Namespaces that are being deleted lose everything in them, then their finalizer.
// Mirrors https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
import {
  builtinResources,
  type Clock,
  isDeleting,
  isNotFound,
  type Namespace,
  type NamespaceCondition,
  StatusError,
  setCondition,
} from '@steersman/api';
import type { Client, InformerFactory } from '@steersman/client';
import { type Controller, done, type ReconcileContext, type Result } from '../runtime/controller.js';
import { type AnyKind, customKind } from '../runtime/custom-kind.js';

interface Remaining {
  readonly resource: string;
  readonly count: number;
  readonly finalizers: readonly string[];
}

const retryMs = 500;

export class NamespaceController implements Controller<'Namespace'> {
  readonly name = 'namespace';
  readonly watches = 'Namespace';

  constructor(
    private readonly client: Client,
    private readonly informers: InformerFactory,
    private readonly clock: Clock,
  ) {}

  async reconcile(namespace: Namespace, { signal }: ReconcileContext): Promise<Result> {
    if (!isDeleting(namespace)) return done;
    const current = await this.markTerminating(namespace);
    const name = namespace.metadata.name ?? '';
    if (!current.spec?.finalizers?.includes('kubernetes')) return done;
    const remaining: Remaining[] = [];
    const failures: string[] = [];
    for (const info of this.namespacedResources()) {
      try {
        remaining.push(...(await this.empty(info, name, signal)));
      } catch (error) {
        if (isNotFound(error) || (error instanceof StatusError && error.code === 405)) continue;
        failures.push((error as Error).message);
      }
    }
    await this.updateConditions(name, remaining, failures);
    if (remaining.length || failures.length) return { requeueAfterMs: retryMs };
    const fresh = await this.client.get('Namespace', { name });
    await this.client.updateSubresource('Namespace', { name }, 'finalize', {
      ...fresh,
      spec: { finalizers: (fresh.spec?.finalizers ?? []).filter((one) => one !== 'kubernetes') },
    });
    return done;
  }

  private async markTerminating(namespace: Namespace): Promise<Namespace> {
    if (namespace.status?.phase === 'Terminating') return namespace;
    return this.client.updateStatus<Namespace>(namespace, { ...namespace.status, phase: 'Terminating' });
  }

  private namespacedResources(): AnyKind[] {
    const builtin = builtinResources.filter(
      ({ namespaced, verbs, group, version }) =>
        namespaced && verbs.includes('deletecollection') && !(group === 'autoscaling' && version === 'v1') && group !== 'events.k8s.io',
    );
    const custom = this.informers
      .of('CustomResourceDefinition')
      .lister.list()
      .flatMap((definition) => {
        const kind = customKind(definition);
        return kind?.namespaced ? [kind] : [];
      });
    return [...builtin, ...custom];
  }

  private async empty(info: AnyKind, namespace: string, signal: AbortSignal): Promise<Remaining[]> {
    const path = { group: info.group, version: info.version, resource: info.resource, namespace };
    const { transport } = this.client;
    const before = await transport.list(path, {}, signal);
    if (before.items.length === 0) return [];
    await transport.deleteCollection(path, { propagationPolicy: 'Background' }, {}, signal);
    const { items } = await transport.list(path, {}, signal);
    if (items.length === 0) return [];
    return [
      { resource: `${info.resource}.${info.group}`, count: items.length, finalizers: items.flatMap(({ metadata }) => metadata?.finalizers ?? []) },
    ];
  }

  private async updateConditions(name: string, remaining: readonly Remaining[], failures: readonly string[]): Promise<void> {
    const namespace = await this.client.get('Namespace', { name });
    let conditions: readonly NamespaceCondition[] = namespace.status?.conditions ?? [];
    for (const condition of deletionConditions(remaining, failures)) conditions = setCondition(conditions, condition as never, this.clock.now());
    if (JSON.stringify(conditions) === JSON.stringify(namespace.status?.conditions ?? [])) return;
    await this.client.updateStatus<Namespace>(namespace, { ...namespace.status, conditions: [...conditions] });
  }
}

function deletionConditions(
  remaining: readonly Remaining[],
  failures: readonly string[],
): { type: string; status: string; reason: string; message: string }[] {
  const content = remaining.map(({ resource, count }) => `${resource} has ${count} resource instances`).sort();
  const finalizers = new Map<string, number>();
  for (const { finalizers: names } of remaining) for (const name of names) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  return [
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    failures.length
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        },
    content.length
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${content.join(', ')}`,
        }
      : { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
    held.length
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
}
