// Webhooks, admission policies, flow control, API services and device claims as tables.
import {
  type APIService,
  type ComponentStatus,
  conditionOf,
  type FlowSchema,
  type MutatingWebhookConfiguration,
  type PriorityLevelConfiguration,
  type ResourceClaim,
  type ResourceSlice,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
} from '@steersman/api';
import { ageColumn, ageSince, column, nameColumn } from './default-columns.js';
import { columnsFor, type TableColumns } from './table-columns.js';

const webhooks = columnsFor<MutatingWebhookConfiguration>(
  [nameColumn, column('Webhooks', 'Webhooks indicates the number of webhooks registered in this configuration', { type: 'integer' }), ageColumn],
  (configuration, nowMs) => [
    configuration.metadata.name,
    (configuration.webhooks ?? []).length,
    ageSince(configuration.metadata.creationTimestamp, nowMs),
  ],
);

const componentStatuses = columnsFor<ComponentStatus>(
  [
    nameColumn,
    column('Status', 'Status of the component conditions'),
    column('Message', 'Message of the component conditions'),
    column('Error', 'Error of the component conditions'),
  ],
  ({ metadata, conditions = [] }) => {
    const found = conditions.find(({ type }) => type === 'Healthy');
    return [metadata.name, found?.status === 'True' ? 'Healthy' : 'Unhealthy', found?.message ?? '', found?.error ?? ''];
  },
);

const validatingPolicies = columnsFor<ValidatingAdmissionPolicy>(
  [
    nameColumn,
    column('Validations', 'Validations indicates the number of validation rules defined in this configuration', { type: 'integer' }),
    column('ParamKind', 'ParamKind specifies the kind of resources used to parameterize this policy'),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [
    metadata.name,
    (spec?.validations ?? []).length,
    spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>',
    ageSince(metadata.creationTimestamp, nowMs),
  ],
);

function paramText({ spec }: ValidatingAdmissionPolicyBinding): string {
  const reference = spec?.paramRef;
  if (!reference) return '<unset>';
  return reference.namespace ? `${reference.namespace}/${reference.name ?? ''}` : (reference.name ?? '');
}

const validatingBindings = columnsFor<ValidatingAdmissionPolicyBinding>(
  [
    nameColumn,
    column('PolicyName', 'PolicyName indicates the policy definition which the policy binding binded to'),
    column('ParamRef', 'ParamRef indicates the param resource which sets the configration param'),
    ageColumn,
  ],
  (binding, nowMs) => [
    binding.metadata.name,
    binding.spec?.policyName ?? '',
    paramText(binding),
    ageSince(binding.metadata.creationTimestamp, nowMs),
  ],
);

const flowSchemas = columnsFor<FlowSchema>(
  [
    nameColumn,
    column(
      'PriorityLevel',
      '`priorityLevelConfiguration` should reference a PriorityLevelConfiguration in the cluster. If the reference cannot be resolved, the FlowSchema will be ignored and marked as invalid in its status. Required.',
    ),
    column(
      'MatchingPrecedence',
      '`matchingPrecedence` is used to choose among the FlowSchemas that match a given request. The chosen FlowSchema is among those with the numerically lowest (which we take to be logically highest) MatchingPrecedence.  Each MatchingPrecedence value must be ranged in [1,10000]. Note that if the precedence is not specified, it will be set to 1000 as default.',
    ),
    column(
      'DistinguisherMethod',
      '`distinguisherMethod` defines how to compute the flow distinguisher for requests that match this schema. `nil` specifies that the distinguisher is disabled and thus will always be the empty string.',
    ),
    ageColumn,
    column('MissingPL', 'references to a broken or non-existent PriorityLevelConfiguration'),
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    spec?.priorityLevelConfiguration.name ?? '',
    spec?.matchingPrecedence ?? 0,
    spec?.distinguisherMethod?.type ?? '<none>',
    ageSince(metadata.creationTimestamp, nowMs),
    status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  ],
);

const priorityLevels = columnsFor<PriorityLevelConfiguration>(
  [
    nameColumn,
    column(
      'Type',
      '`type` indicates whether this priority level is subject to limitation on request execution.  A value of `"Exempt"` means that requests of this priority level are not subject to a limit (and thus are never queued) and do not detract from the capacity made available to other priority levels.  A value of `"Limited"` means that (a) requests of this priority level _are_ subject to limits and (b) some of the server\'s limited capacity is made available exclusively to this priority level. Required.',
    ),
    column(
      'NominalConcurrencyShares',
      '`nominalConcurrencyShares` (NCS) contributes to the computation of the NominalConcurrencyLimit (NominalCL) of this level. This is the number of execution seats available at this priority level. This is used both for requests dispatched from this priority level as well as requests dispatched from other priority levels borrowing seats from this level. The server\'s concurrency limit (ServerCL) is divided among the Limited priority levels in proportion to their NCS values:\n\nNominalCL(i)  = ceil( ServerCL * NCS(i) / sum_ncs ) sum_ncs = sum[priority level k] NCS(k)\n\nBigger numbers mean a larger nominal concurrency limit, at the expense of every other priority level.\n\nIf not specified, this field defaults to a value of 30.\n\nSetting this field to zero supports the construction of a "jail" for this priority level that is used to hold some request(s)',
    ),
    column(
      'Queues',
      '`queues` is the number of queues for this priority level. The queues exist independently at each apiserver. The value must be positive.  Setting it to 1 effectively precludes shufflesharding and thus makes the distinguisher method of associated flow schemas irrelevant.  This field has a default value of 64.',
    ),
    column(
      'HandSize',
      "`handSize` is a small positive number that configures the shuffle sharding of requests into queues.  When enqueuing a request at this priority level the request's flow identifier (a string pair) is hashed and the hash value is used to shuffle the list of queues and deal a hand of the size specified here.  The request is put into one of the shortest queues in that hand. `handSize` must be no larger than `queues`, and should be significantly smaller (so that a few heavy flows do not saturate most of the queues).  See the user-facing documentation for more extensive guidance on setting this field.  This field has a default value of 8.",
    ),
    column(
      'QueueLengthLimit',
      '`queueLengthLimit` is the maximum number of requests allowed to be waiting in a given queue of this priority level at a time; excess requests are rejected.  This value must be positive.  If not specified, it will be defaulted to 50.',
    ),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => {
    const limited = spec?.limited ?? spec?.exempt;
    const queuing = spec?.limited?.limitResponse?.queuing;
    return [
      metadata.name,
      spec?.type ?? '',
      limited?.nominalConcurrencyShares ?? '<none>',
      queuing?.queues ?? '<none>',
      queuing?.handSize ?? '<none>',
      queuing?.queueLengthLimit ?? '<none>',
      ageSince(metadata.creationTimestamp, nowMs),
    ];
  },
);

function availability({ status }: APIService): string {
  const available = conditionOf(status?.conditions, 'Available');
  if (!available) return 'Unknown';
  return available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`;
}

const apiServices = columnsFor<APIService>(
  [
    nameColumn,
    column('Service', 'The reference to the service that hosts this API endpoint.'),
    column('Available', 'Whether this service is available.'),
    ageColumn,
  ],
  (service, nowMs) => [
    service.metadata.name,
    service.spec?.service ? `${service.spec.service.namespace}/${service.spec.service.name}` : 'Local',
    availability(service),
    ageSince(service.metadata.creationTimestamp, nowMs),
  ],
);

function claimState({ metadata, status }: ResourceClaim): string {
  const states = [
    ...(metadata.deletionTimestamp ? ['deleted'] : []),
    ...(status?.allocation ? ['allocated'] : []),
    ...(status?.reservedFor?.length ? ['reserved'] : []),
  ];
  return states.join(',') || 'pending';
}

const resourceClaims = columnsFor<ResourceClaim>(
  [nameColumn, column('State', 'A summary of the current state (allocated, pending, reserved, etc.).'), ageColumn],
  (claim, nowMs) => [claim.metadata.name, claimState(claim), ageSince(claim.metadata.creationTimestamp, nowMs)],
);

const nameAndAge = columnsFor<ResourceClaim>([nameColumn, ageColumn], ({ metadata }, nowMs) => [
  metadata.name,
  ageSince(metadata.creationTimestamp, nowMs),
]);

const resourceSlices = columnsFor<ResourceSlice>(
  [
    nameColumn,
    column(
      'Node',
      'NodeName identifies the node which provides the resources in this pool. A field selector can be used to list only ResourceSlice objects belonging to a certain node.\n\nThis field can be used to limit access from nodes to ResourceSlices with the same node name. It also indicates to autoscalers that adding new nodes of the same type as some old node might also make new resources available.\n\nExactly one of NodeName, NodeSelector, AllNodes, and PerDeviceNodeSelection must be set. This field is immutable.',
    ),
    column(
      'Driver',
      'Driver identifies the DRA driver providing the capacity information. A field selector can be used to list only ResourceSlice objects with a certain driver name.\n\nMust be a DNS subdomain and should end with a DNS domain owned by the vendor of the driver. It should use only lower case characters. This field is immutable.',
    ),
    column(
      'Pool',
      'Name is used to identify the pool. For node-local devices, this is often the node name, but this is not required.\n\nIt must not be longer than 253 characters and must consist of one or more DNS sub-domains separated by slashes. This field is immutable.',
    ),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [metadata.name, spec.nodeName ?? '', spec.driver, spec.pool.name, ageSince(metadata.creationTimestamp, nowMs)],
);

const admission = 'admissionregistration.k8s.io';
const flowControl = 'flowcontrol.apiserver.k8s.io';

export const serverTables: Readonly<Record<string, TableColumns>> = {
  [`${admission}/mutatingwebhookconfigurations`]: webhooks,
  [`${admission}/validatingwebhookconfigurations`]: webhooks,
  [`${admission}/validatingadmissionpolicies`]: validatingPolicies,
  [`${admission}/validatingadmissionpolicybindings`]: validatingBindings,
  '/componentstatuses': componentStatuses,
  [`${flowControl}/flowschemas`]: flowSchemas,
  [`${flowControl}/prioritylevelconfigurations`]: priorityLevels,
  'apiregistration.k8s.io/apiservices': apiServices,
  'resource.k8s.io/resourceclaims': resourceClaims,
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/resourceslices': resourceSlices,
};
