// The kubelet's metrics, under upstream's names.
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { PodManager } from '../pods/pod-manager.js';

const gauge = (name: string, help: string, values: readonly (readonly [string, number])[]): string =>
  [`# HELP ${name} [ALPHA] ${help}`, `# TYPE ${name} gauge`, ...values.map(([labels, value]) => `${name}${labels} ${value}`), ''].join('\n');

export async function metricsText({ node, runtime }: KubeletContext, pods: PodManager): Promise<string> {
  const states = new Map<string, number>();
  for (const { state } of await runtime.listContainers()) states.set(state, (states.get(state) ?? 0) + 1);
  return [
    gauge('kubelet_node_name', "The node's name. The count is always 1.", [[`{node="${node.name}"}`, 1]]),
    gauge(
      'kubelet_running_containers',
      'Number of containers currently running',
      [...states].map(([state, count]) => [`{container_state="${state}"}`, count] as const),
    ),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [['', pods.runningCount]]),
  ].join('');
}
