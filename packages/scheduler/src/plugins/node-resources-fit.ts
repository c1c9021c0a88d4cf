// NodeResourcesFit: a pod fits where what it asks for is left; emptier nodes score higher.
import type { Plugin } from '../framework/framework.js';
import { podInfo } from '../framework/node-info.js';
import { type Unschedulable, unresolvable, unschedulable } from '../framework/status.js';

const name = 'NodeResourcesFit';

export const nodeResourcesFit: Plugin = {
  name,
  weight: 1,
  filter({ pod }, node): Unschedulable | undefined {
    const reasons: string[] = [];
    let hopeless = false;
    if (node.pods.size + 1 > (node.allocatable['pods'] ?? 0)) reasons.push('Too many pods');
    const { requests } = podInfo(pod);
    for (const resource in requests) {
      const wanted = requests[resource] ?? 0;
      if (wanted === 0) continue;
      const allocatable = node.allocatable[resource] ?? 0;
      if (wanted <= allocatable - (node.requested[resource] ?? 0)) continue;
      reasons.push(`Insufficient ${resource}`);
      if (wanted > allocatable) hopeless = true;
    }
    if (reasons.length === 0) return undefined;
    return hopeless ? unresolvable(name, ...reasons) : unschedulable(name, ...reasons);
  },
  /** Least allocated, over CPU and memory alike. */
  score({ pod }, node) {
    const { scoring } = podInfo(pod);
    const free = (resource: 'cpu' | 'memory'): number => {
      const allocatable = node.allocatable[resource] ?? 0;
      const used = node.scoring[resource] + scoring[resource];
      return allocatable === 0 || used > allocatable ? 0 : Math.floor(((allocatable - used) * 100) / allocatable);
    };
    return Math.floor((free('cpu') + free('memory')) / 2);
  },
};
