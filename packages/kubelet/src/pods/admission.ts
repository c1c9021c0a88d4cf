// Whether the node takes a pod that was bound to it. A refusal is final: the pod fails.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/lifecycle/predicate.go
import { type Node, requiredAffinityMatches, safeSysctls } from '@steersman/api';
import type { Verdict } from '../status/pod-status.js';
import { type AllocationManager, hostPortsOf } from './allocation.js';
import { isHostNetwork, type NodePod, uidOf } from './pod.js';

export function admit(pod: NodePod, node: Node | undefined, allocations: AllocationManager): Verdict | undefined {
  const { os, securityContext } = pod.spec;
  if (os?.name && os.name !== 'linux') return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  const sysctls = securityContext?.sysctls ?? [];
  const forbidden = sysctls.find(
    ({ name }) => !safeSysctls.has(name) || (isHostNetwork(pod) && name.startsWith('net.')) || (pod.spec.hostIPC && name.startsWith('kernel.')),
  );
  if (forbidden) return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${forbidden.name}" not allowlisted` };
  const lacking = allocations.lacking(pod);
  if (lacking) return lacking;
  if (!requiredAffinityMatches(pod.spec, node ?? { metadata: {} })) {
    return { reason: 'NodeAffinity', message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" };
  }
  const taken = allocations.hostPorts(uidOf(pod));
  const clash = hostPortsOf(pod).some((port) =>
    taken.some(
      (other) =>
        other.hostPort === port.hostPort && other.protocol === port.protocol && (!other.hostIp || !port.hostIp || other.hostIp === port.hostIp),
    ),
  );
  if (clash) return { reason: 'NodePorts', message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" };
  return undefined;
}
