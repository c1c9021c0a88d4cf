// Resources of a container as cgroup settings.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_container_linux.go
import { cpuMillis, type ResourceRequirements, wholeValue } from '@steersman/api';
import type { NodePod } from '../pods/pod.js';
import type { LinuxContainerResources } from '../runtime/container-config.js';
import { qosClassOf } from '../status/qos.js';

const cpuPeriod = 100_000;
const minShares = 2;
const maxShares = 262_144;
const minQuota = 1000;

const sharesOf = (millis: number): number => Math.min(maxShares, Math.max(minShares, Math.floor((millis * 1024) / 1000)));

function oomScoreOf(pod: NodePod, resources: ResourceRequirements | undefined, nodeMemoryBytes: number): number {
  if (pod.spec.priorityClassName === 'system-node-critical') return -997;
  switch (qosClassOf(pod)) {
    case 'Guaranteed':
      return -997;
    case 'BestEffort':
      return 1000;
    case 'Burstable': {
      const request = wholeValue(resources?.requests?.['memory'] ?? '0');
      const score = 1000 - Math.floor((1000 * request) / Math.max(1, nodeMemoryBytes));
      return Math.min(999, Math.max(3, score));
    }
  }
}

export function linuxResources(pod: NodePod, resources: ResourceRequirements | undefined, nodeMemoryBytes: number): LinuxContainerResources {
  const { requests, limits } = resources ?? {};
  const cpuLimit = limits?.['cpu'] ? cpuMillis(limits['cpu']) : 0;
  const cpuRequest = requests?.['cpu'] ? cpuMillis(requests['cpu']) : cpuLimit;
  return {
    cpuShares: sharesOf(cpuRequest),
    cpuQuota: cpuLimit > 0 ? Math.max(minQuota, cpuLimit * (cpuPeriod / 1000)) : 0,
    cpuPeriod,
    memoryLimitBytes: limits?.['memory'] ? wholeValue(limits['memory']) : 0,
    oomScoreAdj: oomScoreOf(pod, resources, nodeMemoryBytes),
    pidsLimit: 0,
  };
}
