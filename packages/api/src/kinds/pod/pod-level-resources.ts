// Resources set for a pod as a whole: what its requests and huge page limits default to.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-level-resources/
import type { PodSpec } from '../../gen/types.js';
import { containerResources } from '../../pod-resources.js';
import type { ResourceList } from '../resource-list.js';

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

export function podLevelDefaults(spec: PodSpec): void {
  const resources = spec.resources;
  if (!resources || (!resources.limits && !resources.requests)) return;
  const limits: ResourceList = { ...resources.limits };
  for (const [name, limit] of Object.entries(containerResources(spec, 'limits')))
    if (isHugePages(name) && !resources.requests?.[name]) limits[name] ??= limit;
  if (Object.keys(limits).length > 0) resources.limits = limits;
  if (!resources.limits) return;
  const requests: ResourceList = { ...resources.requests };
  for (const [name, request] of Object.entries(containerResources(spec, 'requests')))
    if (isPodLevel(name) && !isHugePages(name)) requests[name] ??= request;
  for (const [name, limit] of Object.entries(resources.limits)) if (isPodLevel(name)) requests[name] ??= limit;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}
