// NodeResourcesBalancedAllocation: nodes whose CPU and memory would be used alike score higher.
import type { Plugin } from '../framework/framework.js';
import { podInfo } from '../framework/node-info.js';

export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  score({ pod }, node) {
    const { requests } = podInfo(pod);
    const fraction = (resource: 'cpu' | 'memory'): number => {
      const allocatable = node.allocatable[resource] ?? 0;
      return allocatable === 0 ? 1 : Math.min(1, ((node.requested[resource] ?? 0) + (requests[resource] ?? 0)) / allocatable);
    };
    return Math.floor((1 - Math.abs(fraction('cpu') - fraction('memory')) / 2) * 100);
  },
};
