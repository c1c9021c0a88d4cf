// The quality of service class of a pod.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import { compareQuantities, parseQuantity, type ResourceRequirements } from '@steersman/api';
import type { NodePod } from '../pods/pod.js';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;
const isSet = (quantity: string | undefined): quantity is string => quantity !== undefined && parseQuantity(quantity).nano > 0n;

function classOf(all: readonly (ResourceRequirements | undefined)[]): QosClass {
  const any = all.some((resources) => counted.some((name) => isSet(resources?.requests?.[name]) || isSet(resources?.limits?.[name])));
  if (!any) return 'BestEffort';
  const guaranteed = all.every((resources) =>
    counted.every((name) => {
      const limit = resources?.limits?.[name];
      const request = resources?.requests?.[name] ?? limit;
      return isSet(limit) && request !== undefined && compareQuantities(limit, request) === 0;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

export function qosClassOf(pod: NodePod): QosClass {
  if (pod.status.qosClass) return pod.status.qosClass as QosClass;
  if (pod.spec.resources) return classOf([pod.spec.resources]);
  return classOf([...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ resources }) => resources));
}
