// The scheduler's picture of the cluster: nodes with their pods, and pods assumed on a node before their binding is seen.
import type { Node, Pod } from '@steersman/api';
import { NodeInfo, podInfo } from './framework/node-info.js';

const ended = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

export class SchedulerCache {
  private readonly byName = new Map<string, NodeInfo>();
  private list: NodeInfo[] | undefined;
  /** The node each known or assumed pod counts on, by uid. */
  private readonly placed = new Map<string, string>();

  /** Nodes that exist, in a stable order. */
  get nodes(): readonly NodeInfo[] {
    this.list ??= [...this.byName.values()].filter(({ node }) => node !== undefined);
    return this.list;
  }

  node(name: string): NodeInfo | undefined {
    return this.byName.get(name);
  }

  setNode(node: Node): void {
    const info = this.infoOf(node.metadata.name ?? '');
    if (info.node === undefined) this.list = undefined;
    info.node = node;
  }

  removeNode(name: string): void {
    const info = this.byName.get(name);
    if (!info) return;
    info.node = undefined;
    this.list = undefined;
    if (info.pods.size === 0) this.byName.delete(name);
  }

  /** Takes over a pod as the API shows it; one that is bound counts on its node. */
  setPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const nodeName = pod.spec?.nodeName;
    if (!nodeName) return;
    this.forget(uid);
    if (ended(pod)) return;
    this.infoOf(nodeName).addPod(podInfo(pod));
    this.placed.set(uid, nodeName);
  }

  /** Counts a pod on a node whose binding is under way. */
  assume(pod: Pod, node: string): void {
    this.infoOf(node).addPod(podInfo(pod));
    this.placed.set(pod.metadata.uid ?? '', node);
  }

  /** The pod is gone, or its binding failed. */
  forget(uid: string): void {
    const name = this.placed.get(uid);
    if (name === undefined) return;
    this.placed.delete(uid);
    const info = this.byName.get(name);
    info?.removePod(uid);
    if (info && info.node === undefined && info.pods.size === 0) this.byName.delete(name);
  }

  has(uid: string): boolean {
    return this.placed.has(uid);
  }

  private infoOf(name: string): NodeInfo {
    let info = this.byName.get(name);
    if (!info) {
      info = new NodeInfo();
      this.byName.set(name, info);
      this.list = undefined;
    }
    return info;
  }
}
