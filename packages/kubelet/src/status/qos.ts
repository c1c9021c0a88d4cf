// The quality of service class that a pod has: the API server's word for it, or what its resources say.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
import { type QosClass, qosClassOf as qosClassByResources } from '@steersman/api';
import type { NodePod } from '../pods/pod.js';

export const qosClassOf = (pod: NodePod): QosClass => (pod.status.qosClass as QosClass | undefined) ?? qosClassByResources(pod);
