// Deletes objects whose owners are all gone, and sees deletions with foreground or orphan propagation through.
// Mirrors https://kubernetes.io/docs/concepts/architecture/garbage-collection/
import {
  builtinResources,
  type Clock,
  isNotFound,
  type KindName,
  type KubernetesObject,
  type Logger,
  type OwnerReference,
  type ResourceInfo,
  resourceByKind,
  resourceOf,
  splitApiVersion,
} from '@steersman/api';
import { type Client, type InformerEvent, type InformerFactory, mergePatch, type ResourcePath, WorkQueue } from '@steersman/client';
import type { Runnable } from '@steersman/component-base';
import { type AnyKind, customKind } from '../runtime/custom-kind.js';
import { CustomWatches } from './custom-watches.js';
import { blockingDependents, type GraphNode, isOrphaning, isWaitingForDependents, OwnerGraph } from './graph.js';

export interface GarbageCollectorTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
}

const ignored = new Set(['events', 'componentstatuses']);

const kindNameOf = (info: ResourceInfo): KindName => {
  const plain = info.kind as KindName;
  return resourceOf(plain) === info ? plain : (`${info.group}/${info.version}/${info.kind}` as KindName);
};

/** The kinds it watches: every built-in one that can be deleted and watched, each in one version. */
const collected = (): ResourceInfo[] =>
  builtinResources.filter(
    (info) =>
      info.verbs.includes('delete') &&
      info.verbs.includes('watch') &&
      !ignored.has(info.resource) &&
      !(info.group === 'autoscaling' && info.version === 'v1'),
  );

export class GarbageCollector implements Runnable {
  readonly name = 'garbage-collector-controller';
  private readonly graph = new OwnerGraph();
  private readonly queue: WorkQueue;
  /** Owners looked for in vain. */
  private readonly absent = new Set<string>();
  private readonly customWatches: CustomWatches;

  constructor(private readonly tools: GarbageCollectorTools) {
    this.queue = new WorkQueue(tools.clock, { baseMs: 50, maxMs: 60_000 });
    for (const info of collected())
      tools.informers.of(kindNameOf(info)).onEvent((event) => this.observe(info, event as InformerEvent<KubernetesObject>));
    this.customWatches = new CustomWatches(tools, (kind, event) => this.observe(kind, event));
  }

  async run(signal: AbortSignal): Promise<void> {
    this.customWatches.start(signal);
    await Promise.race([
      this.tools.informers.synced(),
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
    await this.queue.drainRetrying(signal, {
      workers: 10,
      work: (uid) => this.process(uid),
      failed: (uid, err) => this.tools.logger.debug('garbage collection failed, retrying', { uid, err }),
    });
  }

  private observe(info: AnyKind, event: InformerEvent<KubernetesObject>): void {
    const uid = event.object.metadata?.uid ?? '';
    if (event.type === 'delete') {
      const node = this.graph.remove(uid);
      this.absent.add(uid);
      for (const dependent of node?.dependents ?? []) this.queue.add(dependent.uid);
      for (const owner of node?.owners ?? []) if (this.graph.get(owner.uid)?.deleting) this.queue.add(owner.uid);
      return;
    }
    this.absent.delete(uid);
    const { node } = this.graph.apply(info, event.object);
    if (node.owners.length || isWaitingForDependents(node) || isOrphaning(node)) this.queue.add(uid);
    for (const owner of event.old?.metadata?.ownerReferences ?? []) if (this.graph.get(owner.uid)?.deleting) this.queue.add(owner.uid);
  }

  private async process(uid: string): Promise<void> {
    const node = this.graph.get(uid);
    if (!node?.info) return;
    if (isOrphaning(node)) return this.orphan(node);
    if (isWaitingForDependents(node)) return this.foreground(node);
    if (node.owners.length && !node.deleting) await this.checkOwners(node);
  }

  /** Deletes the node, or drops references to owners that are gone. */
  private async checkOwners(node: GraphNode): Promise<void> {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const owner of node.owners) {
      if (await this.isGone(node, owner)) dangling.push(owner);
      else if (this.isWaiting(owner)) waiting.push(owner);
      else solid.push(owner);
    }
    if (solid.length > 0) {
      if (dangling.length + waiting.length > 0) await this.dropOwners(node, [...dangling, ...waiting]);
      return;
    }
    if (waiting.length > 0 && node.dependents.size > 0) return this.delete(node, 'Foreground');
    await this.delete(
      node,
      node.finalizers.includes('orphan') ? 'Orphan' : node.finalizers.includes('foregroundDeletion') ? 'Foreground' : 'Background',
    );
  }

  private isWaiting({ uid }: OwnerReference): boolean {
    const owner = this.graph.get(uid);
    return owner !== undefined && isWaitingForDependents(owner);
  }

  private async isGone(node: GraphNode, owner: OwnerReference): Promise<boolean> {
    if (this.absent.has(owner.uid)) return true;
    if (this.graph.get(owner.uid)?.info) return this.otherNamespace(node, owner);
    const path = this.ownerPath(node, owner);
    if (!path) return false;
    try {
      const found = await this.tools.client.transport.get(path, {});
      if (found.metadata?.uid === owner.uid) return false;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.absent.add(owner.uid);
    return true;
  }

  /** An owner with a namespace owns only within it. */
  private otherNamespace(node: GraphNode, owner: OwnerReference): boolean {
    const parent = this.graph.get(owner.uid);
    return parent?.info?.namespaced === true && parent.namespace !== node.namespace;
  }

  private ownerPath(node: GraphNode, { apiVersion, kind, name }: OwnerReference): ResourcePath | undefined {
    const info = resourceByKind(apiVersion, kind) ?? this.customResource(apiVersion, kind);
    if (!info || (info.namespaced && !node.namespace)) return undefined;
    return { group: info.group, version: info.version, resource: info.resource, name, ...(info.namespaced && { namespace: node.namespace }) };
  }

  private customResource(apiVersion: string, kind: string): AnyKind | undefined {
    const { group, version } = splitApiVersion(apiVersion);
    const found = this.tools.informers
      .of('CustomResourceDefinition')
      .lister.list()
      .find(({ spec }) => spec.group === group && spec.names.kind === kind);
    return found && customKind(found, version);
  }

  private async foreground(node: GraphNode): Promise<void> {
    const blocking = blockingDependents(node);
    if (blocking.length === 0) return this.removeFinalizer(node, 'foregroundDeletion');
    for (const dependent of node.dependents) if (!dependent.deleting) this.queue.add(dependent.uid);
  }

  private async orphan(node: GraphNode): Promise<void> {
    await Promise.all(
      [...node.dependents].map((dependent) =>
        this.dropOwners(
          dependent,
          dependent.owners.filter(({ uid }) => uid === node.uid),
        ),
      ),
    );
    await this.removeFinalizer(node, 'orphan');
  }

  private pathOf({ info, namespace, name }: GraphNode): ResourcePath {
    if (!info) throw new Error('a node without a kind has no path');
    return { group: info.group, version: info.version, resource: info.resource, name, ...(info.namespaced && { namespace }) };
  }

  private async delete(node: GraphNode, propagationPolicy: 'Orphan' | 'Foreground' | 'Background'): Promise<void> {
    await this.tolerant(() => this.tools.client.transport.delete(this.pathOf(node), { preconditions: { uid: node.uid }, propagationPolicy }));
  }

  private async dropOwners(node: GraphNode, dropped: readonly OwnerReference[]): Promise<void> {
    if (!node.info || dropped.length === 0) return;
    const uids = new Set(dropped.map(({ uid }) => uid));
    await this.change(node, (metadata) => ({ ownerReferences: (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid)) }));
  }

  private removeFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    return this.change(node, (metadata) => ({ finalizers: (metadata.finalizers ?? []).filter((one) => one !== finalizer) }));
  }

  /** Patches metadata on condition that nobody else changed the object meanwhile. */
  private async change(node: GraphNode, patch: (metadata: NonNullable<KubernetesObject['metadata']>) => object): Promise<void> {
    const { transport } = this.tools.client;
    const path = this.pathOf(node);
    await this.tolerant(async () => {
      const current = await transport.get(path, {});
      if (current.metadata?.uid !== node.uid) return;
      await transport.patch(
        path,
        mergePatch,
        { metadata: { resourceVersion: current.metadata.resourceVersion, uid: node.uid, ...patch(current.metadata) } },
        {},
      );
    });
  }

  private async tolerant(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
