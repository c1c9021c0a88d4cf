// Which nodes a selector means, and which taints a toleration covers: read the same way by scheduler, kubelet and controllers.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/ and .../taint-and-toleration/
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec, Taint, Toleration } from './gen/types.js';

type Labelled = Pick<Node, 'metadata'>;

function requirementMatches({ operator, values = [] }: NodeSelectorRequirement, actual: string | undefined): boolean {
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

/** A term without requirements matches no node; the one field there is, is `metadata.name`. */
export function nodeSelectorTermMatches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Labelled): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => requirementMatches(one, metadata.labels?.[one.key])) &&
    matchFields.every((one) => requirementMatches(one, one.key === 'metadata.name' ? metadata.name : undefined))
  );
}

export const nodeSelectorMatches = ({ nodeSelectorTerms }: NodeSelector, node: Labelled): boolean =>
  nodeSelectorTerms.some((term) => nodeSelectorTermMatches(term, node));

/** Whether the node has what a pod's `nodeSelector` and required node affinity ask for. */
export function requiredAffinityMatches(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'> | undefined, node: Labelled): boolean {
  const { labels = {} } = node.metadata;
  if (!Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || nodeSelectorMatches(required, node);
}

/** An empty key with `Exists` covers every taint; an empty effect covers all effects. */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return Boolean(key) && (value ?? '') === (taint.value ?? '');
}
