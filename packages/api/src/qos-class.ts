// The quality-of-service class of a pod. Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import type { Pod } from './gen/types.js';
import { compareQuantities } from './quantity.js';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'];

/** Guaranteed: limits for all, equal to the requests; BestEffort: nothing asked for; Burstable: all others. */
export function qosClassOf({ spec }: Pick<Pod, 'spec'>): QosClass {
  const all =
    spec?.resources?.requests || spec?.resources?.limits
      ? [{ resources: spec.resources }]
      : [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  let asked = false;
  let guaranteed = true;
  for (const { resources } of all) {
    for (const name of counted) {
      const request = positive(resources?.requests?.[name]);
      const limit = positive(resources?.limits?.[name]);
      if (request !== undefined || limit !== undefined) asked = true;
      if (limit === undefined || (request !== undefined && compareQuantities(request, limit) !== 0)) guaranteed = false;
    }
  }
  if (!asked) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

const positive = (quantity: string | undefined): string | undefined =>
  quantity !== undefined && compareQuantities(quantity, '0') > 0 ? quantity : undefined;
