// Whether the node takes a pod that was bound to it. A refusal is final: the pod fails.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/lifecycle/predicate.go
import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from '@steersman/api';
import type { Verdict } from '../status/pod-status.js';
import { type AllocationManager, hostPortsOf } from './allocation.js';
import { isHostNetwork, type NodePod, uidOf } from './pod.js';

/** Kernel parameters that have an effect on nothing outside the pod. */
const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

export function admit(pod: NodePod, node: Node | undefined, allocations: AllocationManager): Verdict | undefined {
  const { os, nodeSelector, affinity, securityContext } = pod.spec;
  if (os?.name && os.name !== 'linux') return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" };
  const sysctls = securityContext?.sysctls ?? [];
  const forbidden = sysctls.find(
    ({ name }) => !safeSysctls.has(name) || (isHostNetwork(pod) && name.startsWith('net.')) || (pod.spec.hostIPC && name.startsWith('kernel.')),
  );
  if (forbidden) return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${forbidden.name}" not allowlisted` };
  const lacking = allocations.lacking(pod);
  if (lacking) return lacking;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!selects(nodeSelector, node) || (required && !required.some((term) => matchesTerm(term, node)))) {
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

const selects = (selector: Record<string, string> | undefined, node: Node | undefined): boolean =>
  Object.entries(selector ?? {}).every(([key, value]) => node?.metadata.labels?.[key] === value);

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node | undefined): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields: Record<string, string | undefined> = { 'metadata.name': node?.metadata.name };
  return (
    matchExpressions.every((requirement) => matches(requirement, node?.metadata.labels?.[requirement.key])) &&
    matchFields.every((requirement) => matches(requirement, fields[requirement.key]))
  );
}

function matches({ operator, values = [] }: NodeSelectorRequirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual);
    case 'NotIn':
      return actual === undefined || !values.includes(actual);
    case 'Exists':
      return actual !== undefined;
    case 'DoesNotExist':
      return actual === undefined;
    case 'Gt':
      return actual !== undefined && Number(actual) > Number(values[0]);
    case 'Lt':
      return actual !== undefined && Number(actual) < Number(values[0]);
    default:
      return false;
  }
}
