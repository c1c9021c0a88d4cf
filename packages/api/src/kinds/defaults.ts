// What the API server fills in, for every built-in kind: the one table of defaulting functions.
import type * as types from '../gen/types.js';
import {
  admissionPolicyBindingDefaults,
  admissionPolicyDefaults,
  mutatingWebhooksDefaults,
  validatingWebhooksDefaults,
} from './admission/defaults.js';
import { apiServiceDefaults, customResourceDefinitionDefaults } from './apiextensions/defaults.js';
import { autoscalerDefaults, autoscalerV1Defaults } from './autoscaling/defaults.js';
import { cronJobDefaults, jobDefaults } from './batch/defaults.js';
import { limitRangeDefaults, namespaceDefaults, nodeDefaults, resourceQuotaDefaults, secretDefaults } from './core/defaults.js';
import { flowSchemaDefaults, priorityLevelDefaults } from './flowcontrol/defaults.js';
import { ingressClassDefaults, networkPolicyDefaults } from './networking/defaults.js';
import { podDefaults } from './pod/defaults.js';
import { roleBindingDefaults } from './rbac/defaults.js';
import { resourceClaimDefaults, resourceClaimTemplateDefaults } from './resource/defaults.js';
import { roundedToMilli } from './resource-list.js';
import { endpointSliceDefaults, endpointsDefaults, serviceDefaults } from './service/defaults.js';
import { claimDefaults } from './storage/claim-defaults.js';
import { csiDriverDefaults, persistentVolumeDefaults, storageClassDefaults } from './storage/defaults.js';
import {
  daemonSetDefaults,
  deploymentDefaults,
  podTemplateObjectDefaults,
  replicaSetDefaults,
  replicationControllerDefaults,
  statefulSetDefaults,
} from './workloads/defaults.js';

type Defaulter = (object: Record<string, unknown>) => void;

const entry = <T>(defaults: (object: T) => void): Defaulter => defaults as unknown as Defaulter;

const defaulters: Readonly<Record<string, Defaulter>> = {
  'v1/Pod': entry(podDefaults),
  'v1/PodTemplate': entry(podTemplateObjectDefaults),
  'v1/ReplicationController': entry(replicationControllerDefaults),
  'v1/Service': entry(serviceDefaults),
  'v1/Endpoints': entry(endpointsDefaults),
  'v1/Secret': entry(secretDefaults),
  'v1/Namespace': entry(namespaceDefaults),
  'v1/Node': entry(nodeDefaults),
  'v1/ResourceQuota': entry(resourceQuotaDefaults),
  'v1/LimitRange': entry(limitRangeDefaults),
  'v1/PersistentVolume': entry(persistentVolumeDefaults),
  'v1/PersistentVolumeClaim': entry(claimDefaults),
  'apps/v1/Deployment': entry(deploymentDefaults),
  'apps/v1/ReplicaSet': entry(replicaSetDefaults),
  'apps/v1/DaemonSet': entry(daemonSetDefaults),
  'apps/v1/StatefulSet': entry(statefulSetDefaults),
  'batch/v1/Job': entry(jobDefaults),
  'batch/v1/CronJob': entry(cronJobDefaults),
  'discovery.k8s.io/v1/EndpointSlice': entry(endpointSliceDefaults),
  'networking.k8s.io/v1/IngressClass': entry(ingressClassDefaults),
  'networking.k8s.io/v1/NetworkPolicy': entry(networkPolicyDefaults),
  'rbac.authorization.k8s.io/v1/RoleBinding': entry(roleBindingDefaults),
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': entry(roleBindingDefaults),
  'storage.k8s.io/v1/StorageClass': entry(storageClassDefaults),
  'storage.k8s.io/v1/CSIDriver': entry(csiDriverDefaults),
  'autoscaling/v1/HorizontalPodAutoscaler': entry(autoscalerV1Defaults),
  'autoscaling/v2/HorizontalPodAutoscaler': entry(autoscalerDefaults),
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': entry(validatingWebhooksDefaults),
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': entry(mutatingWebhooksDefaults),
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': entry(admissionPolicyDefaults),
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': entry(admissionPolicyBindingDefaults),
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema': entry(flowSchemaDefaults),
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration': entry(priorityLevelDefaults),
  'apiextensions.k8s.io/v1/CustomResourceDefinition': entry(customResourceDefinitionDefaults),
  'apiregistration.k8s.io/v1/APIService': entry(apiServiceDefaults),
  'resource.k8s.io/v1/ResourceClaim': entry(resourceClaimDefaults),
  'resource.k8s.io/v1/ResourceClaimTemplate': entry(resourceClaimTemplateDefaults),
  'storage.k8s.io/v1/VolumeAttachment': entry(({ status }: types.VolumeAttachment) => {
    // Codes of errors are off.
    delete status?.attachError?.errorCode;
    delete status?.detachError?.errorCode;
  }),
  'node.k8s.io/v1/RuntimeClass': entry(({ overhead }: types.RuntimeClass) => roundedToMilli(overhead?.podFixed)),
  'coordination.k8s.io/v1/Lease': entry(({ spec }: types.Lease) => {
    // Coordinated leader election is off.
    delete spec?.strategy;
    delete spec?.preferredHolder;
  }),
  'scheduling.k8s.io/v1/PriorityClass': entry((priorityClass: types.PriorityClass) => {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
  }),
  'certificates.k8s.io/v1/CertificateSigningRequest': entry(({ status }: types.CertificateSigningRequest) => {
    for (const condition of status?.conditions ?? []) condition.status ||= 'True';
  }),
};

/** Fills in the defaults of a freshly decoded object, in place. Kinds without defaults, and unknown ones, stay as they are. */
export function applyDefaults(apiVersion: string, kind: string, object: object): void {
  defaulters[`${apiVersion}/${kind}`]?.(object as Record<string, unknown>);
}
