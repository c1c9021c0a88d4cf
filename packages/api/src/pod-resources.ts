// What a whole pod asks for: its containers and sidecars together, or what initialization needs where that is more; what is set for
// the pod itself goes before that; its overhead is added to what it requests.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
import { memberOf, setMember } from './clone.js';
import type { Container, EphemeralContainer, PodSpec, ResourceRequirements } from './gen/types.js';
import type { ResourceList } from './kinds/resource-list.js';
import { addQuantities, compareQuantities, cpuMillis, wholeValue } from './quantity.js';

export type ResourcePart = 'requests' | 'limits';
type AnyContainer = Container | EphemeralContainer;
type ResourcesOf = (container: Container) => ResourceRequirements | undefined;

/** An init container that keeps running beside the others. */
export const isSidecar = ({ restartPolicy }: Pick<AnyContainer, 'restartPolicy'>): boolean => restartPolicy === 'Always';

/** What the containers alone need at once; `resourcesOf` where a container has been given other resources than it asks for. */
export function containerResources(spec: PodSpec, part: ResourcePart, resourcesOf: ResourcesOf = ({ resources }) => resources): ResourceList {
  const total: ResourceList = {};
  const sidecars: ResourceList = {};
  const starting: ResourceList = {};
  for (const container of spec.containers ?? []) addTo(total, resourcesOf(container)?.[part]);
  for (const container of spec.initContainers ?? []) {
    const own = resourcesOf(container)?.[part];
    const step = { ...sidecars };
    addTo(step, own);
    raise(starting, step);
    if (!isSidecar(container)) continue;
    addTo(sidecars, own);
    addTo(total, own);
  }
  raise(total, starting);
  return total;
}

/** What the pod as a whole counts for. */
export function podResources(spec: PodSpec | undefined, part: ResourcePart, resourcesOf?: ResourcesOf): ResourceList {
  if (!spec) return {};
  const total = { ...containerResources(spec, part, resourcesOf), ...spec.resources?.[part] };
  if (part === 'requests') addTo(total, spec.overhead);
  return total;
}

/** Quantities as numbers: millicores of CPU, whole units (bytes, pieces) of the rest. */
export const amountOf = (name: string, quantity: string): number => (name === 'cpu' ? cpuMillis(quantity) : wholeValue(quantity));

export function amountsOf(list: Readonly<ResourceList> | undefined): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(list ?? {})) setMember(amounts, name, amountOf(name, quantity));
  return amounts;
}

function addTo(total: ResourceList, list: ResourceList | undefined): void {
  for (const [name, quantity] of Object.entries(list ?? {})) {
    const sum = memberOf(total, name);
    setMember(total, name, sum === undefined ? quantity : addQuantities(sum, quantity));
  }
}

function raise(total: ResourceList, list: ResourceList): void {
  for (const [name, quantity] of Object.entries(list)) {
    const most = memberOf(total, name);
    if (most === undefined || compareQuantities(quantity, most) > 0) setMember(total, name, quantity);
  }
}
