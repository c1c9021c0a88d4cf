// Pods and pod templates as tables.
import { isConditionTrue, type Pod, type PodTemplate } from '@steersman/api';
import { containerNames, images, labelsText } from './cell-texts.js';
import { ageColumn, ageSince, column, nameColumn } from './default-columns.js';
import { podSummary } from './pod-summary.js';
import { columnsFor, type TableColumns } from './table-columns.js';

const completed = (reason: string, message: string): readonly object[] => [{ type: 'Completed', status: 'True', reason, message }];

const readinessGates = ({ spec, status }: Pod): string => {
  const gates = spec?.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) => isConditionTrue(status?.conditions, conditionType)).length;
  return `${met}/${gates.length}`;
};

const pods: TableColumns = {
  ...columnsFor<Pod>(
    [
      nameColumn,
      column('Ready', 'The aggregate readiness state of this pod for accepting traffic.'),
      column('Status', 'The aggregate status of the containers in this pod.'),
      column('Restarts', 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.'),
      ageColumn,
      column('IP', 'podIP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.', { priority: 1 }),
      column(
        'Node',
        'NodeName indicates in which node this pod is scheduled. If empty, this pod is a candidate for scheduling by the scheduler defined in schedulerName. Once this field is set, the kubelet for this node becomes responsible for the lifecycle of this pod. This field should not be used to express a desire for the pod to be scheduled on a specific node. https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename',
        { priority: 1 },
      ),
      column(
        'Nominated Node',
        'nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled right away as preemption victims receive their graceful termination periods. This field does not guarantee that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes become available sooner. Scheduler may also decide to give the resources on this node to a higher priority pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when the pod is scheduled.',
        { priority: 1 },
      ),
      column(
        'Readiness Gates',
        'If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its containers are ready AND all conditions specified in the readiness gates have status equal to "True" More info: https://git.k8s.io/enhancements/keps/sig-network/580-pod-readiness-gates',
        { priority: 1 },
      ),
    ],
    (pod, nowMs) => {
      const { ready, total, reason, restarts } = podSummary(pod, nowMs);
      const { spec, status, metadata } = pod;
      return [
        metadata.name,
        `${ready}/${total}`,
        reason,
        restarts,
        ageSince(metadata.creationTimestamp, nowMs),
        status?.podIPs?.[0]?.ip || status?.podIP || '<none>',
        spec?.nodeName || '<none>',
        status?.nominatedNodeName || '<none>',
        readinessGates(pod),
      ];
    },
  ),
  conditions: (object) => {
    const { phase } = (object as unknown as Pod).status ?? {};
    if (phase === 'Succeeded') return completed('Succeeded', 'The pod has completed successfully.');
    return phase === 'Failed' ? completed('Failed', 'The pod failed.') : undefined;
  },
};

const podTemplates = columnsFor<PodTemplate>(
  [
    nameColumn,
    column('Containers', 'Names of each container in the template.'),
    column('Images', 'Images referenced by each container in the template.'),
    column('Pod Labels', 'The labels for the pod template.'),
  ],
  ({ metadata, template }) => [metadata.name, containerNames(template), images(template), labelsText(template?.metadata?.labels)],
);

export const podTables: Readonly<Record<string, TableColumns>> = { '/pods': pods, '/podtemplates': podTemplates };
