// What the node has given to its pods: whether a new pod fits, and resizes in place.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/allocation/allocation_manager.go
import { amountOf, amountsOf, compareQuantities, isSidecar, type PodCondition, podResources, type ResourceRequirements } from '@steersman/api';
import type { NodeFacts } from '../node/node-facts.js';
import type { Verdict } from '../status/pod-status.js';
import { type AnyContainer, type NodePod, uidOf } from './pod.js';

type Amounts = Record<string, number>;
type Containers = ReadonlyMap<string, ResourceRequirements | undefined>;

interface Allocation {
  containers: Containers;
  pod: NodePod;
}

/** What a pod counts for, where its containers have been given what `resourcesOf` says. */
const requestsOf = ({ spec }: NodePod, resourcesOf?: (container: AnyContainer) => ResourceRequirements | undefined): Amounts =>
  amountsOf(podResources(spec, 'requests', resourcesOf));

const resizable = (pod: NodePod): AnyContainer[] => [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];

const sameList = (a: Record<string, string> | undefined, b: Record<string, string> | undefined): boolean =>
  [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].every(
    (name) => a?.[name] !== undefined && b?.[name] !== undefined && compareQuantities(a[name], b[name]) === 0,
  );

export const sameResources = (a: ResourceRequirements | undefined, b: ResourceRequirements | undefined): boolean =>
  sameList(a?.requests, b?.requests) && sameList(a?.limits, b?.limits);

export type ResizeCondition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

export class AllocationManager {
  private readonly allocations = new Map<string, Allocation>();

  constructor(private readonly node: NodeFacts) {}

  /** Gives the pod what it asks for. */
  allocate(pod: NodePod): void {
    const known = this.allocations.get(uidOf(pod));
    if (known) known.pod = pod;
    else this.allocations.set(uidOf(pod), { pod, containers: new Map(resizable(pod).map(({ name, resources }) => [name, resources])) });
  }

  release(uid: string): void {
    this.allocations.delete(uid);
  }

  /** What a container was given; what it asks for where it cannot be resized. */
  resourcesOf(uid: string, container: AnyContainer): ResourceRequirements | undefined {
    const given = this.allocations.get(uid)?.containers;
    return given?.has(container.name) ? given.get(container.name) : container.resources;
  }

  /** Why the pod cannot have what it asks for, if so. */
  lacking(pod: NodePod): Verdict | undefined {
    const wanted = requestsOf(pod);
    const used = this.usedByOthers(uidOf(pod));
    const { allocatable } = this.node;
    const podsAllowed = Number(allocatable['pods'] ?? 110);
    const others = [...this.allocations.keys()].filter((uid) => uid !== uidOf(pod)).length;
    if (others + 1 > podsAllowed) {
      return { reason: 'OutOfpods', message: `Node didn't have enough resource: pods, requested: 1, used: ${others}, capacity: ${podsAllowed}` };
    }
    for (const [name, amount] of Object.entries(wanted)) {
      const room = allocatable[name];
      // Extended resources that the node does not know are left to their plugins.
      if (room === undefined || amount === 0) continue;
      const capacity = amountOf(name, room);
      if (amount + (used[name] ?? 0) > capacity) {
        return {
          reason: `OutOf${name}`,
          message: `Node didn't have enough resource: ${name}, requested: ${amount}, used: ${used[name] ?? 0}, capacity: ${capacity}`,
        };
      }
    }
    return undefined;
  }

  /** Takes over a changed request where it fits: gives back the containers to be changed, or the condition that says why not. */
  resize(pod: NodePod): { readonly changed: readonly AnyContainer[]; readonly condition: ResizeCondition | undefined } {
    const allocation = this.allocations.get(uidOf(pod));
    const changed = allocation
      ? resizable(pod).filter(({ name, resources }) => allocation.containers.has(name) && !sameResources(allocation.containers.get(name), resources))
      : [];
    if (!allocation || changed.length === 0) return { changed: [], condition: undefined };
    const wanted = requestsOf(pod);
    for (const name of ['cpu', 'memory']) {
      const capacity = amountOf(name, this.node.allocatable[name] ?? '0');
      if ((wanted[name] ?? 0) > capacity) {
        const message = `Node didn't have enough capacity: ${name}, requested: ${wanted[name]}, capacity: ${capacity}`;
        return { changed: [], condition: { type: 'PodResizePending', status: 'True', reason: 'Infeasible', message } };
      }
    }
    const lacking = this.lacking(pod);
    if (lacking) return { changed: [], condition: { type: 'PodResizePending', status: 'True', reason: 'Deferred', message: lacking.message } };
    allocation.pod = pod;
    allocation.containers = new Map(resizable(pod).map(({ name, resources }) => [name, resources]));
    return { changed, condition: undefined };
  }

  /** Host ports that other pods hold. */
  hostPorts(exceptUid: string): readonly { readonly hostPort: number; readonly protocol: string; readonly hostIp: string }[] {
    return [...this.allocations].filter(([uid]) => uid !== exceptUid).flatMap(([, { pod }]) => hostPortsOf(pod));
  }

  private usedByOthers(uid: string): Amounts {
    const used: Amounts = {};
    for (const [other, { pod, containers }] of this.allocations) {
      if (other === uid) continue;
      const given = requestsOf(pod, ({ name, resources }) => (containers.has(name) ? containers.get(name) : resources));
      for (const [name, amount] of Object.entries(given)) used[name] = (used[name] ?? 0) + amount;
    }
    return used;
  }
}

export const hostPortsOf = (pod: NodePod): { hostPort: number; protocol: string; hostIp: string }[] =>
  [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)].flatMap(({ ports }) =>
    (ports ?? [])
      .filter(({ hostPort }) => hostPort)
      .map(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) => ({ hostPort, protocol, hostIp: hostIP === '0.0.0.0' ? '' : hostIP })),
  );
