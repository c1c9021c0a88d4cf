// The sandbox that a pod asks for.
import { readFile } from 'node:fs/promises';
import { hostPortsOf } from '../pods/allocation.js';
import type { KubeletContext } from '../pods/kubelet-context.js';
import { isHostNetwork, type NodePod, nameOf, namespaceOf, uidOf } from '../pods/pod.js';
import { podNameLabel, podNamespaceLabel, podUidLabel, portMappingsAnnotation } from '../runtime/labels.js';
import type { PodSandboxConfig } from '../runtime/sandbox-config.js';
import { dnsConfig, kernelHostname, parseResolvConf } from './pod-names.js';

export async function makeSandboxConfig(context: KubeletContext, pod: NodePod, attempt: number): Promise<PodSandboxConfig> {
  const [name, namespace, uid] = [nameOf(pod), namespaceOf(pod), uidOf(pod)];
  const hostNetwork = isHostNetwork(pod);
  const host = parseResolvConf(context.runtime.hasFileSystem ? await readFile('/etc/resolv.conf', 'utf8').catch(() => '') : '');
  const ports = hostNetwork ? [] : portMappings(pod);
  return {
    metadata: { name, namespace, uid, attempt },
    hostname: hostNetwork ? '' : kernelHostname(pod, context.clusterDomain),
    logDirectory: `/var/log/pods/${namespace}_${name}_${uid}`,
    dns: dnsConfig(pod, { clusterDns: context.clusterDns, clusterDomain: context.clusterDomain, host }),
    portMappings: ports,
    labels: { ...pod.metadata.labels, [podNameLabel]: name, [podNamespaceLabel]: namespace, [podUidLabel]: uid },
    annotations: { ...pod.metadata.annotations, ...(ports.length > 0 && { [portMappingsAnnotation]: JSON.stringify(ports) }) },
    namespaces: {
      network: hostNetwork ? 'node' : 'pod',
      pid: pod.spec.hostPID ? 'node' : pod.spec.shareProcessNamespace ? 'pod' : 'container',
      ipc: pod.spec.hostIPC ? 'node' : 'pod',
    },
    sysctls: Object.fromEntries((pod.spec.securityContext?.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value])),
    hostAddress: context.node.addresses[0] ?? '',
  };
}

const portMappings = (pod: NodePod): PodSandboxConfig['portMappings'] => {
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return hostPortsOf(pod).map(({ hostPort, protocol, hostIp }) => ({
    hostPort,
    protocol,
    hostIp,
    containerPort: ports.find((port) => port.hostPort === hostPort && (port.protocol ?? 'TCP') === protocol)?.containerPort ?? hostPort,
  }));
};
