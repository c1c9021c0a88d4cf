// Which nodes a daemon set's pod belongs on: a pure function of the node, the template and the tolerations daemons get.
import {
  type Node,
  type NodeSelectorRequirement,
  type Pod,
  type PodTemplateSpec,
  requiredAffinityMatches,
  type Toleration,
  tolerates,
} from '@steersman/api';

/** Daemons stay where other pods go. */
export const daemonTolerations: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const networkUnavailable: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };

type PodSpec = NonNullable<Pod['spec']>;

export function withDaemonTolerations(spec: PodSpec): PodSpec {
  const wanted = [...daemonTolerations, ...(spec.hostNetwork ? [networkUnavailable] : [])];
  const given = spec.tolerations ?? [];
  const missing = wanted.filter(
    (one) => !given.some(({ key, effect, operator }) => key === one.key && effect === one.effect && operator === one.operator),
  );
  return { ...spec, tolerations: [...given, ...missing] };
}

/** The pod's spec for one node: required affinity by the node's name, which the scheduler then follows. */
export function pinnedTo(spec: PodSpec, nodeName: string): PodSpec {
  const byName: NodeSelectorRequirement = { key: 'metadata.name', operator: 'In', values: [nodeName] };
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms.length
    ? required.nodeSelectorTerms.map((term) => ({ ...term, matchFields: [byName] }))
    : [{ matchFields: [byName] }];
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    },
  };
}

/** The node that a daemon pod is pinned to, before it is bound. */
export function pinnedNode({ spec }: Pod): string | undefined {
  for (const { matchFields = [] } of spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [])
    for (const { key, operator, values = [] } of matchFields)
      if (key === 'metadata.name' && operator === 'In' && values.length === 1) return values[0];
  return undefined;
}

export interface Placement {
  /** A pod should be started there. */
  readonly run: boolean;
  /** A pod that is there may stay. */
  readonly keep: boolean;
}

export function placementOn(node: Node, { spec }: PodTemplateSpec): Placement {
  if (!spec) return { run: false, keep: false };
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { run: false, keep: false };
  if (!requiredAffinityMatches(spec, node)) return { run: false, keep: false };
  const { tolerations = [] } = withDaemonTolerations(spec);
  const untolerated = (node.spec?.taints ?? [])
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .filter((taint) => !tolerations.some((one) => tolerates(one, taint)));
  if (untolerated.length === 0) return { run: true, keep: true };
  return { run: false, keep: !untolerated.some(({ effect }) => effect === 'NoExecute') };
}
