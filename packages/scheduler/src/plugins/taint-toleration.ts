// TaintToleration: taints repel pods that do not tolerate them; softer taints cost points.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
import { tolerates } from '@steersman/api';
import { normalizeScores, type Plugin } from '../framework/framework.js';
import { unresolvable } from '../framework/status.js';

const name = 'TaintToleration';

const repelling = new Set(['NoSchedule', 'NoExecute']);

export const taintToleration: Plugin = {
  name,
  weight: 3,
  filter({ pod }, { node }) {
    const tolerations = pod.spec?.tolerations ?? [];
    const taint = node?.spec?.taints?.find((one) => repelling.has(one.effect) && !tolerations.some((toleration) => tolerates(toleration, one)));
    return taint ? unresolvable(name, `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`) : undefined;
  },
  score({ pod }, { node }) {
    const soft = (pod.spec?.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
    return (node?.spec?.taints ?? []).filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !soft.some((toleration) => tolerates(toleration, taint)),
    ).length;
  },
  normalize: (scores) => normalizeScores(scores, true),
};
