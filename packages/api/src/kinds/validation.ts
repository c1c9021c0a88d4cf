// Which checks apply to which kind: metadata for all, then the kind's own.
import type { FieldError } from '../field-error.js';
import type { KindName, Kinds, ObjectMeta } from '../gen/types.js';
import { dns1035LabelErrors, dns1123LabelErrors, dns1123SubdomainErrors, pathSegmentErrors } from '../names.js';
import { type KubernetesObject, resourceByKind } from '../resource-info.js';
import { validateAdmissionPolicy, validateAdmissionPolicyBinding, validateAdmissionPolicyStatus } from './admission/policy-validation.js';
import { validateMutatingWebhooks, validateValidatingWebhooks } from './admission/webhook-validation.js';
import { validateApiService } from './apiextensions/validation.js';
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerV1 } from './autoscaling/validation.js';
import { validateJobStatus } from './batch/job-status-validation.js';
import { validateCronJob, validateCronJobUpdate, validateJob, validateJobUpdate } from './batch/validation.js';
import { validateSigningRequest, validateSigningRequestStatus, validateSigningRequestUpdate } from './certificates/validation.js';
import { configMapErrors, configMapUpdateErrors, secretErrors, secretUpdateErrors } from './config/validation.js';
import { bindingRule, validateBindingUpdate, validateClusterRole, validateRole } from './core/validation.js';
import { validateEvent, validateEventsEvent, validateEventsEventUpdate } from './events/validation.js';
import { validateFlowSchema, validatePriorityLevel } from './flowcontrol/validation.js';
import { validateNamespace, validateNamespaceStatus } from './namespace/validation.js';
import { validateIngress, validateIngressClass, validateIngressClassUpdate, validateIngressStatus } from './networking/ingress-validation.js';
import {
  addressName,
  validateIpAddress,
  validateIpAddressUpdate,
  validateNetworkPolicy,
  validateServiceCidr,
  validateServiceCidrUpdate,
} from './networking/validation.js';
import { validateNode, validateNodeUpdate } from './node/validation.js';
import { type NameRule, validateMetadata, validateMetadataUpdate } from './object-meta/validation.js';
import { validatePodStatus } from './pod/status-validation.js';
import { validatePod, validatePodUpdate } from './pod/validation.js';
import {
  validateBudget,
  validateBudgetStatus,
  validateLease,
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
} from './policy/validation.js';
import { validateLimitRange, validateQuota, validateQuotaStatus, validateQuotaUpdate } from './quota/validation.js';
import {
  validateClaimUpdate,
  validateResourceClaim,
  validateResourceClaimStatus,
  validateResourceClaimTemplate,
  validateResourceSlice,
  validateResourceSliceUpdate,
} from './resource/validation.js';
import { validateEndpointSlice, validateEndpointSliceUpdate, validateEndpoints } from './service/endpoints-validation.js';
import { validateService, validateServiceStatus, validateServiceUpdate } from './service/validation.js';
import { claimErrors, claimStatusErrors, claimUpdateErrors } from './storage/claim-validation.js';
import {
  validateAttachment,
  validateAttachmentUpdate,
  validateAttributesClass,
  validateAttributesClassUpdate,
  validateCapacity,
  validateCapacityUpdate,
  validateCsiDriver,
  validateCsiDriverUpdate,
  validateCsiNode,
  validateCsiNodeUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
} from './storage/class-validation.js';
import { validatePersistentVolume, validatePersistentVolumeUpdate } from './storage/validation.js';
import { validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from './workloads/stateful-set-validation.js';
import {
  validateDaemonSet,
  validateDaemonSetStatus,
  validateDeployment,
  validateDeploymentStatus,
  validatePodTemplate,
  validateReplicaSet,
  validateReplicaStatus,
  validateReplicationController,
  validateRevision,
  validateRevisionUpdate,
  validateSelectorKept,
} from './workloads/validation.js';

interface Rules<T> {
  /** What holds for every version of the object. */
  readonly check?: (object: T) => FieldError[];
  /** What holds between an object and its successor. */
  readonly change?: (object: T, old: T) => FieldError[];
  /** The change's checks take the place of the object's own. */
  readonly changeOnly?: boolean;
  /** What holds between an object and its successor when its status is written. */
  readonly status?: (object: T, old: T) => FieldError[];
  readonly nameRule?: NameRule;
}

const rulesByKind: { readonly [K in KindName]?: Rules<Kinds[K]> } = {
  Namespace: { check: validateNamespace, change: () => [], changeOnly: true, status: validateNamespaceStatus, nameRule: dns1123LabelErrors },
  Node: { check: validateNode, change: validateNodeUpdate, changeOnly: true, status: validateNodeUpdate },
  Pod: { check: validatePod, change: validatePodUpdate, changeOnly: true, status: validatePodStatus },
  PodTemplate: { check: validatePodTemplate },
  Service: { check: validateService, change: validateServiceUpdate, changeOnly: true, status: validateServiceStatus, nameRule: dns1035LabelErrors },
  Endpoints: { check: validateEndpoints },
  EndpointSlice: { check: validateEndpointSlice, change: validateEndpointSliceUpdate, changeOnly: true },
  ReplicationController: { check: validateReplicationController, status: validateReplicaStatus },
  Deployment: { check: validateDeployment, change: validateSelectorKept, status: validateDeploymentStatus },
  ReplicaSet: { check: validateReplicaSet, change: validateSelectorKept, status: validateReplicaStatus },
  DaemonSet: { check: validateDaemonSet, change: validateSelectorKept, status: validateDaemonSetStatus },
  StatefulSet: { check: validateStatefulSet, change: validateStatefulSetUpdate, status: validateStatefulSetStatus, nameRule: dns1123LabelErrors },
  ControllerRevision: { check: validateRevision, change: validateRevisionUpdate, changeOnly: true },
  Job: { check: validateJob, change: validateJobUpdate, changeOnly: true, status: validateJobStatus },
  CronJob: { check: validateCronJob, change: validateCronJobUpdate, changeOnly: true },
  ConfigMap: { check: configMapErrors, change: configMapUpdateErrors, changeOnly: true },
  Secret: { check: secretErrors, change: secretUpdateErrors, changeOnly: true },
  PersistentVolumeClaim: { check: claimErrors, change: claimUpdateErrors, changeOnly: true, status: claimStatusErrors },
  ResourceQuota: { check: validateQuota, change: validateQuotaUpdate, changeOnly: true, status: validateQuotaStatus },
  LimitRange: { check: validateLimitRange },
  Event: { check: validateEvent },
  'events.k8s.io/v1/Event': { check: validateEventsEvent, change: validateEventsEventUpdate, changeOnly: true },
  Role: { check: validateRole, nameRule: pathSegmentErrors },
  ClusterRole: { check: validateClusterRole, nameRule: pathSegmentErrors },
  RoleBinding: { check: bindingRule(['Role', 'ClusterRole']), change: validateBindingUpdate, nameRule: pathSegmentErrors },
  ClusterRoleBinding: { check: bindingRule(['ClusterRole']), change: validateBindingUpdate, nameRule: pathSegmentErrors },
  PodDisruptionBudget: { check: validateBudget, status: validateBudgetStatus },
  HorizontalPodAutoscaler: { check: validateAutoscaler, status: validateAutoscalerStatus },
  'autoscaling/v1/HorizontalPodAutoscaler': { check: validateAutoscalerV1, status: validateAutoscalerStatus },
  Lease: { check: validateLease },
  PriorityClass: { check: validatePriorityClass, change: validatePriorityClassUpdate, changeOnly: true },
  RuntimeClass: { check: validateRuntimeClass, change: validateRuntimeClassUpdate, changeOnly: true },
  Ingress: { check: validateIngress, status: validateIngressStatus },
  IngressClass: { check: validateIngressClass, change: validateIngressClassUpdate, changeOnly: true },
  NetworkPolicy: { check: validateNetworkPolicy },
  ServiceCIDR: { check: validateServiceCidr, change: validateServiceCidrUpdate, changeOnly: true },
  IPAddress: { check: validateIpAddress, change: validateIpAddressUpdate, changeOnly: true, nameRule: addressName },
  PersistentVolume: { check: validatePersistentVolume, change: validatePersistentVolumeUpdate, changeOnly: true },
  StorageClass: { check: validateStorageClass, change: validateStorageClassUpdate, changeOnly: true },
  VolumeAttributesClass: { check: validateAttributesClass, change: validateAttributesClassUpdate, changeOnly: true },
  VolumeAttachment: { check: validateAttachment, change: validateAttachmentUpdate },
  CSIDriver: { check: validateCsiDriver, change: validateCsiDriverUpdate, changeOnly: true },
  CSINode: { check: validateCsiNode, change: validateCsiNodeUpdate, changeOnly: true },
  CSIStorageCapacity: { check: validateCapacity, change: validateCapacityUpdate, changeOnly: true },
  ResourceClaim: { check: validateResourceClaim, change: validateClaimUpdate, changeOnly: true, status: validateResourceClaimStatus },
  ResourceClaimTemplate: { check: validateResourceClaimTemplate, change: validateClaimUpdate, changeOnly: true },
  ResourceSlice: { check: validateResourceSlice, change: validateResourceSliceUpdate, changeOnly: true },
  ValidatingAdmissionPolicy: { check: validateAdmissionPolicy, status: validateAdmissionPolicyStatus },
  ValidatingAdmissionPolicyBinding: { check: validateAdmissionPolicyBinding },
  ValidatingWebhookConfiguration: { check: validateValidatingWebhooks },
  MutatingWebhookConfiguration: { check: validateMutatingWebhooks },
  APIService: { check: validateApiService, nameRule: pathSegmentErrors },
  FlowSchema: { check: validateFlowSchema },
  PriorityLevelConfiguration: { check: validatePriorityLevel },
  CertificateSigningRequest: {
    check: validateSigningRequest,
    change: validateSigningRequestUpdate,
    changeOnly: true,
    status: validateSigningRequestStatus,
    nameRule: () => [],
  },
};

type AnyRules = Rules<KubernetesObject>;

/** Rules by kind; where two groups or versions have a kind of the same name, by all three. */
const rulesOf = (apiVersion: string, kind: string): AnyRules => {
  const table = rulesByKind as unknown as Readonly<Record<string, AnyRules | undefined>>;
  return table[`${apiVersion}/${kind}`] ?? table[kind] ?? {};
};

const metadataOf = ({ metadata }: KubernetesObject): ObjectMeta => metadata ?? {};

/** What is wrong with a new object. */
export function validateCreate(apiVersion: string, kind: string, object: KubernetesObject): FieldError[] {
  const { nameRule = dns1123SubdomainErrors, check } = rulesOf(apiVersion, kind);
  const namespaced = resourceByKind(apiVersion, kind)?.namespaced ?? false;
  return [...validateMetadata(metadataOf(object), { namespaced, nameRule }), ...(check?.(object) ?? [])];
}

/** Metadata is checked for all kinds alike, then once more with each: its errors stand twice among the causes. */
function metadataChange(object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const errors = validateMetadataUpdate(metadataOf(object), metadataOf(old));
  return [...errors, ...errors];
}

/** What is wrong with a changed object, in itself or as successor of the old one. */
export function validateUpdate(apiVersion: string, kind: string, object: KubernetesObject, old: KubernetesObject): FieldError[] {
  const { check, change, changeOnly } = rulesOf(apiVersion, kind);
  return [...metadataChange(object, old), ...(changeOnly ? [] : (check?.(object) ?? [])), ...(change?.(object, old) ?? [])];
}

/** What is wrong with an object whose status changed. */
export function validateStatusUpdate(apiVersion: string, kind: string, object: KubernetesObject, old: KubernetesObject): FieldError[] {
  return [...metadataChange(object, old), ...(rulesOf(apiVersion, kind).status?.(object, old) ?? [])];
}
