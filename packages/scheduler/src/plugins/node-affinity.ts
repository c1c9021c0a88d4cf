// NodeAffinity: node selectors, required and preferred node affinity.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
import { nodeSelectorTermMatches, type Pod, requiredAffinityMatches } from '@steersman/api';
import { normalizeScores, type Plugin } from '../framework/framework.js';
import { unresolvable } from '../framework/status.js';

const name = 'NodeAffinity';
const mismatch = unresolvable(name, "node(s) didn't match Pod's node affinity/selector");

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
  filter: ({ pod }, { node }) => (node && requiredAffinityMatches(pod.spec, node) ? undefined : mismatch),
  score({ pod }, { node }) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.reduce((sum, { weight, preference }) => sum + (node && nodeSelectorTermMatches(preference, node) ? weight : 0), 0);
  },
  normalize: (scores) => normalizeScores(scores, false),
};
