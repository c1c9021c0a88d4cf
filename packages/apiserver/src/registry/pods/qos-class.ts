// The quality-of-service class of a pod. Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import { compareQuantities, type Pod } from '@steersman/api';

const counted = ['cpu', 'memory'];

/** Guaranteed: limits for all, equal to the requests; BestEffort: nothing asked for; Burstable: all others. */
export function qosClassOf({ spec }: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
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
