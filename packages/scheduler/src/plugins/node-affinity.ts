// NodeAffinity: node selectors, required and preferred node affinity.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '@steersman/api';
import { normalizeScores, type Plugin } from '../framework/framework.js';
import { unresolvable } from '../framework/status.js';

const name = 'NodeAffinity';
const mismatch = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");

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

function termMatches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    matchExpressions.every((one) => requirementMatches(one, labels[one.key])) &&
    matchFields.every((one) => requirementMatches(one, one.key === 'metadata.name' ? node.metadata.name : undefined))
  );
}

export const nodeSelectorMatches = ({ nodeSelectorTerms }: NodeSelector, node: Node): boolean =>
  nodeSelectorTerms.some((term) => termMatches(term, node));

/** Whether the node has what the pod's selector and required affinity ask for. */
export function requiredAffinityMatches({ spec }: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || nodeSelectorMatches(required, node);
}

/** The nodes that required affinity names outright, if every term of it does. */
function namedNodes({ spec }: Pod): Set<string> | undefined {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (!terms?.length) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const named = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named.length === 0) return undefined;
    const [first, ...rest] = named.map(({ values = [] }) => values);
    for (const one of first ?? []) if (rest.every((values) => values.includes(one))) names.add(one);
  }
  return names;
}

export const nodeAffinity: Plugin = {
  name,
  weight: 2,
  preFilter({ pod }) {
    const { nodeSelector, affinity } = pod.spec ?? {};
    if (!nodeSelector && !affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution) return { skip: true };
    const nodes = namedNodes(pod);
    return nodes && { nodes };
  },
  filter: ({ pod }, { node }) => (node && requiredAffinityMatches(pod, node) ? undefined : mismatch),
  score({ pod }, { node }) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.reduce((sum, { weight, preference }) => sum + (node && termMatches(preference, node) ? weight : 0), 0);
  },
  normalize: (scores) => normalizeScores(scores, false),
};
