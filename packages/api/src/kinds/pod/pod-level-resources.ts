// Resources set for a pod as a whole: what its requests and huge page limits default to.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-level-resources/
import type { Container, PodSpec } from '../../gen/types.js';
import { addQuantities, compareQuantities } from '../../quantity.js';
import type { ResourceList } from '../resource-list.js';

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name);

export function podLevelDefaults(spec: PodSpec): void {
  const resources = spec.resources;
  if (!resources || (!resources.limits && !resources.requests)) return;
  const limits: ResourceList = { ...resources.limits };
  for (const [name, limit] of Object.entries(aggregate(spec, 'limits'))) if (isHugePages(name) && !resources.requests?.[name]) limits[name] ??= limit;
  if (Object.keys(limits).length > 0) resources.limits = limits;
  if (!resources.limits) return;
  const requests: ResourceList = { ...resources.requests };
  for (const [name, request] of Object.entries(aggregate(spec, 'requests'))) if (isPodLevel(name) && !isHugePages(name)) requests[name] ??= request;
  for (const [name, limit] of Object.entries(resources.limits)) if (isPodLevel(name)) requests[name] ??= limit;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/** What all containers need at once: the regular ones and sidecars together, or the neediest init container if that is more. */
export function aggregate(spec: PodSpec, kind: 'limits' | 'requests'): ResourceList {
  const total: ResourceList = {};
  const sidecars: ResourceList = {};
  const initial: ResourceList = {};
  for (const { resources } of spec.containers ?? []) addTo(total, resources?.[kind]);
  for (const container of spec.initContainers ?? []) {
    const own = container.resources?.[kind];
    if (isSidecar(container)) {
      addTo(total, own);
      addTo(sidecars, own);
      raise(initial, sidecars);
    } else {
      const withSidecars = { ...sidecars };
      addTo(withSidecars, own);
      raise(initial, withSidecars);
    }
  }
  raise(total, initial);
  return total;
}

function addTo(total: ResourceList, list: ResourceList | undefined): void {
  for (const [name, quantity] of Object.entries(list ?? {}))
    total[name] = total[name] === undefined ? quantity : addQuantities(total[name], quantity);
}

function raise(total: ResourceList, list: ResourceList): void {
  for (const [name, quantity] of Object.entries(list))
    if (total[name] === undefined || compareQuantities(quantity, total[name]) > 0) total[name] = quantity;
}
