// A node as the scheduler sees it: its object, the pods on it, and the sums that plugins read.
import { amountsOf, isSidecar, type Node, type Pod } from '@steersman/api';
import { type Amounts, requestsOf, scoringRequestsOf } from './pod-resources.js';

interface HostPort {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

/** What is computed of a pod once. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: Amounts;
  readonly scoring: { readonly cpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
}

const infos = new WeakMap<Pod, PodInfo>();

export function podInfo(pod: Pod): PodInfo {
  let info = infos.get(pod);
  if (!info) {
    info = { pod, requests: requestsOf(pod), scoring: scoringRequestsOf(pod), hostPorts: hostPortsOf(pod) };
    infos.set(pod, info);
  }
  return info;
}

function hostPortsOf({ spec }: Pod): HostPort[] {
  const sidecars = (spec?.initContainers ?? []).filter(isSidecar);
  return [...(spec?.containers ?? []), ...sidecars].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ address: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort }] : [],
    ),
  );
}

export class NodeInfo {
  readonly pods = new Map<string, PodInfo>();
  readonly requested: Record<string, number> = {};
  readonly scoring = { cpu: 0, memory: 0 };
  allocatable: Amounts = {};
  private current: Node | undefined;

  get node(): Node | undefined {
    return this.current;
  }

  get name(): string {
    return this.current?.metadata.name ?? '';
  }

  set node(node: Node | undefined) {
    this.current = node;
    this.allocatable = amountsOf(node?.status?.allocatable);
  }

  addPod(info: PodInfo): void {
    this.pods.set(info.pod.metadata.uid ?? '', info);
    this.count(info, 1);
  }

  removePod(uid: string): void {
    const info = this.pods.get(uid);
    if (!info) return;
    this.pods.delete(uid);
    this.count(info, -1);
  }

  /** An independent copy, for trying out what would be without some pods. */
  copy(): NodeInfo {
    const copy = new NodeInfo();
    copy.node = this.current;
    for (const info of this.pods.values()) copy.addPod(info);
    return copy;
  }

  private count({ requests, scoring }: PodInfo, sign: 1 | -1): void {
    for (const name in requests) this.requested[name] = (this.requested[name] ?? 0) + sign * (requests[name] ?? 0);
    this.scoring.cpu += sign * scoring.cpu;
    this.scoring.memory += sign * scoring.memory;
  }
}
