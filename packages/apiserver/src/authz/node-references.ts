// Which objects the pods of each node refer to, kept up with the pods there are.
import type { PersistentVolume, Pod } from '@steersman/api';
import type { ResourceCache } from '../cache/resource-cache.js';
import type { Resource } from '../registry/resource.js';
import { referenceKey, referencesOf, volumeSecrets } from './pod-references.js';

export class NodeReferences {
  /** By node: how many of its pods refer to an object. */
  private readonly byNode = new Map<string, Map<string, number>>();

  constructor(
    private readonly pods: Pick<Resource, 'cache' | 'peek'>,
    private readonly volumes: Pick<ResourceCache, 'list'>,
  ) {
    for (const { object } of pods.cache.list()) this.count(object as unknown as Pod, 1);
    pods.cache.follow(({ type, object, previous }) => {
      if (previous) this.count(previous.object as unknown as Pod, -1);
      if (type !== 'DELETED') this.count(object.object as unknown as Pod, 1);
    });
  }

  /** Whether a pod of the node, or a volume that one of them claims, refers to the object. */
  has(node: string, { resource, namespace, name }: { resource: string; namespace: string; name: string }): boolean {
    const known = this.byNode.get(node);
    if (!known) return false;
    if (resource === 'persistentvolumes') return this.claimedVolumes(known).some(({ metadata }) => metadata.name === name);
    const key = referenceKey(resource, namespace, name);
    return known.has(key) || (resource === 'secrets' && this.claimedVolumes(known).some((volume) => volumeSecrets(volume).includes(key)));
  }

  /** Whether a pod is one of the node's. */
  runs(node: string, namespace: string, name: string): boolean {
    return (this.pods.peek(namespace, name)?.object as unknown as Pod | undefined)?.spec?.nodeName === node;
  }

  private claimedVolumes(known: ReadonlyMap<string, number>): PersistentVolume[] {
    return this.volumes
      .list()
      .map(({ object }) => object as unknown as PersistentVolume)
      .filter(
        ({ spec }) => spec?.claimRef && known.has(referenceKey('persistentvolumeclaims', spec.claimRef.namespace ?? '', spec.claimRef.name ?? '')),
      );
  }

  private count(pod: Pod, change: 1 | -1): void {
    const node = pod.spec?.nodeName;
    if (!node) return;
    const known = this.byNode.get(node) ?? new Map<string, number>();
    for (const key of referencesOf(pod)) {
      const count = (known.get(key) ?? 0) + change;
      if (count > 0) known.set(key, count);
      else known.delete(key);
    }
    if (known.size > 0) this.byNode.set(node, known);
    else this.byNode.delete(node);
  }
}
