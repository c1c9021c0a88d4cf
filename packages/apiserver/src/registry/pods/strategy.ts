// Pods: pending and of a QoS class at birth, ended gracefully.
import { mergeMatchLabelKeys, type Pod, qosClassOf } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { DeletionPlan, Strategy } from '../strategy.js';

const asPod = (object: ApiObject): Pod => object as unknown as Pod;

export const podStrategy: Strategy = {
  returnsDeletedObject: true,
  prepareForCreate(object) {
    const pod = asPod(object);
    mergeMatchLabelKeys(pod);
    pod.status = {
      phase: 'Pending',
      ...(pod.spec?.schedulingGates?.length && {
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            lastProbeTime: null as unknown as string,
            lastTransitionTime: pod.metadata.creationTimestamp ?? '',
            reason: 'SchedulingGated',
            message: 'Scheduling is blocked due to non-empty scheduling gates',
          },
        ],
      }),
      qosClass: qosClassOf(pod),
    };
  },
  prepareForStatusUpdate(object, old) {
    const pod = asPod(object);
    const before = asPod(old);
    if (before.spec) pod.spec = before.spec;
    if (before.metadata.deletionTimestamp) pod.metadata.deletionTimestamp = before.metadata.deletionTimestamp;
    if (pod.status && !pod.status.qosClass && before.status?.qosClass) pod.status.qosClass = before.status.qosClass;
    pod.metadata.ownerReferences = before.metadata.ownerReferences ?? [];
    if (!pod.metadata.ownerReferences.length) delete pod.metadata.ownerReferences;
  },
  planDeletion(object, gracePeriodSeconds): DeletionPlan {
    const { spec, status, metadata } = asPod(object);
    let seconds = gracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30;
    if (!spec?.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') seconds = 0;
    if (seconds < 0) seconds = 1;
    if (metadata.deletionTimestamp && gracePeriodSeconds === undefined)
      return { now: false, gracePeriodSeconds: metadata.deletionGracePeriodSeconds ?? 0 };
    return seconds === 0 ? { now: true } : { now: false, gracePeriodSeconds: seconds };
  },
  selectableFields(object) {
    const { spec, status } = asPod(object);
    return {
      'spec.nodeName': spec?.nodeName ?? '',
      'spec.restartPolicy': spec?.restartPolicy ?? '',
      'spec.schedulerName': spec?.schedulerName ?? '',
      'spec.serviceAccountName': spec?.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec?.hostNetwork ?? false),
      'status.phase': status?.phase ?? '',
      'status.podIP': status?.podIP ?? '',
      'status.nominatedNodeName': status?.nominatedNodeName ?? '',
    };
  },
};
