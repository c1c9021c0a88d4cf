// The graph of owners and dependents of all objects, kept current from the informers of every kind.
import type { KubernetesObject, OwnerReference } from '@steersman/api';
import type { AnyKind } from '../runtime/custom-kind.js';

export interface GraphNode {
  readonly uid: string;
  /** Undefined while an owner is known from references only. */
  info: AnyKind | undefined;
  namespace: string;
  name: string;
  owners: readonly OwnerReference[];
  finalizers: readonly string[];
  deleting: boolean;
  readonly dependents: Set<GraphNode>;
}

export const isWaitingForDependents = ({ deleting, finalizers }: GraphNode): boolean => deleting && finalizers.includes('foregroundDeletion');

export const isOrphaning = ({ deleting, finalizers }: GraphNode): boolean => deleting && finalizers.includes('orphan');

export const blockingDependents = (node: GraphNode): GraphNode[] =>
  [...node.dependents].filter(({ owners }) => owners.some(({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion));

export class OwnerGraph {
  private readonly nodes = new Map<string, GraphNode>();

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  /** Takes over an object's present state; gives its node and the owners that it no longer refers to. */
  apply(info: AnyKind, { metadata = {} }: KubernetesObject): { node: GraphNode; added: readonly string[] } {
    const uid = metadata.uid ?? '';
    const node = this.nodeOf(uid);
    const before = new Set(node.owners.map((owner) => owner.uid));
    node.info = info;
    node.namespace = metadata.namespace ?? '';
    node.name = metadata.name ?? '';
    node.finalizers = metadata.finalizers ?? [];
    node.deleting = metadata.deletionTimestamp !== undefined;
    const owners = metadata.ownerReferences ?? [];
    const now = new Set(owners.map((owner) => owner.uid));
    for (const owner of node.owners) if (!now.has(owner.uid)) this.nodes.get(owner.uid)?.dependents.delete(node);
    for (const owner of owners) this.nodeOf(owner.uid).dependents.add(node);
    node.owners = owners;
    return { node, added: [...now].filter((one) => !before.has(one)) };
  }

  /** An object is gone; gives the node it had. */
  remove(uid: string): GraphNode | undefined {
    const node = this.nodes.get(uid);
    if (!node) return undefined;
    for (const owner of node.owners) {
      const parent = this.nodes.get(owner.uid);
      parent?.dependents.delete(node);
      if (parent && !parent.info && parent.dependents.size === 0) this.nodes.delete(owner.uid);
    }
    node.info = undefined;
    if (node.dependents.size === 0) this.nodes.delete(uid);
    return node;
  }

  private nodeOf(uid: string): GraphNode {
    let node = this.nodes.get(uid);
    if (!node) {
      node = { uid, info: undefined, namespace: '', name: '', owners: [], finalizers: [], deleting: false, dependents: new Set() };
      this.nodes.set(uid, node);
    }
    return node;
  }
}
