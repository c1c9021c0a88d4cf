// Keys by which a pod wants to be among (or away from) pods of its own kind: their values become part of its selectors.
import type { LabelSelector, Pod, PodAffinityTerm } from '../../gen/types.js';

/** Merges the pod's own labels into the selectors that ask for them. For new pods only: selectors are fixed afterwards. */
export function mergeMatchLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata.labels ?? {};
  const merge = (selector: LabelSelector | undefined, keys: readonly string[] | undefined, operator: 'In' | 'NotIn'): void => {
    if (!selector) return;
    const added = (keys ?? []).filter((key) => Object.hasOwn(labels, key)).map((key) => ({ key, operator, values: [labels[key]!] }));
    if (added.length > 0) selector.matchExpressions = [...(selector.matchExpressions ?? []), ...added];
  };
  const terms: PodAffinityTerm[] = [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
  for (const { labelSelector, matchLabelKeys, mismatchLabelKeys } of terms) {
    merge(labelSelector, matchLabelKeys, 'In');
    merge(labelSelector, mismatchLabelKeys, 'NotIn');
  }
  for (const { labelSelector, matchLabelKeys } of spec?.topologySpreadConstraints ?? []) merge(labelSelector, matchLabelKeys, 'In');
}
