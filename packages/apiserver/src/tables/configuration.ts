// Config maps, secrets, service accounts, namespaces, quotas, disruption budgets and leases as tables.
import type { ConfigMap, Lease, Namespace, PodDisruptionBudget, ResourceQuota, Secret, ServiceAccount } from '@steersman/api';
import { ageColumn, ageSince, column, nameColumn } from './default-columns.js';
import { columnsFor, type TableColumns } from './table-columns.js';

const configMaps = columnsFor<ConfigMap>(
  [
    nameColumn,
    column(
      'Data',
      "Data contains the configuration data. Each key must consist of alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
    ),
    ageColumn,
  ],
  ({ metadata, data = {}, binaryData = {} }, nowMs) => [
    metadata.name,
    Object.keys(data).length + Object.keys(binaryData).length,
    ageSince(metadata.creationTimestamp, nowMs),
  ],
);

const secrets = columnsFor<Secret>(
  [
    nameColumn,
    column(
      'Type',
      'Used to facilitate programmatic handling of secret data. More info: https://kubernetes.io/docs/concepts/configuration/secret/#secret-types',
    ),
    column(
      'Data',
      "Data contains the secret data. Each key must consist of alphanumeric characters, '-', '_' or '.'. The serialized form of the secret data is a base64 encoded string, representing the arbitrary (possibly non-string) data value here. Described in https://tools.ietf.org/html/rfc4648#section-4",
    ),
    ageColumn,
  ],
  ({ metadata, type, data = {} }, nowMs) => [metadata.name, type ?? '', Object.keys(data).length, ageSince(metadata.creationTimestamp, nowMs)],
);

const serviceAccounts = columnsFor<ServiceAccount>([nameColumn, ageColumn], ({ metadata }, nowMs) => [
  metadata.name,
  ageSince(metadata.creationTimestamp, nowMs),
]);

const namespaces = columnsFor<Namespace>([nameColumn, column('Status', 'The status of the namespace'), ageColumn], ({ metadata, status }, nowMs) => [
  metadata.name,
  status?.phase ?? '',
  ageSince(metadata.creationTimestamp, nowMs),
]);

/** What of a quota is used; limits stand apart from all else. */
function usage({ status }: ResourceQuota, limits: boolean): string {
  return Object.keys(status?.hard ?? {})
    .filter((name) => name.startsWith('limits') === limits)
    .sort()
    .map((name) => `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name]}`)
    .join(', ');
}

const resourceQuotas = columnsFor<ResourceQuota>(
  [
    nameColumn,
    column('Request', 'Request represents a minimum amount of cpu/memory that a container may consume.'),
    column('Limit', 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.'),
    ageColumn,
  ],
  (quota, nowMs) => [quota.metadata.name, usage(quota, false), usage(quota, true), ageSince(quota.metadata.creationTimestamp, nowMs)],
);

const podDisruptionBudgets = columnsFor<PodDisruptionBudget>(
  [
    nameColumn,
    column('Min Available', 'The minimum number of pods that must be available.'),
    column('Max Unavailable', 'The maximum number of pods that may be unavailable.'),
    column('Allowed Disruptions', 'Calculated number of pods that may be disrupted at this time.', { type: 'integer' }),
    ageColumn,
  ],
  ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    String(spec?.minAvailable ?? 'N/A'),
    String(spec?.maxUnavailable ?? 'N/A'),
    status?.disruptionsAllowed ?? 0,
    ageSince(metadata.creationTimestamp, nowMs),
  ],
);

const leases = columnsFor<Lease>(
  [
    nameColumn,
    column(
      'Holder',
      'holderIdentity contains the identity of the holder of a current lease. If Coordinated Leader Election is used, the holder identity must be equal to the elected LeaseCandidate.metadata.name field.',
    ),
    ageColumn,
  ],
  ({ metadata, spec }, nowMs) => [metadata.name, spec?.holderIdentity ?? '', ageSince(metadata.creationTimestamp, nowMs)],
);

export const configurationTables: Readonly<Record<string, TableColumns>> = {
  '/configmaps': configMaps,
  '/secrets': secrets,
  '/serviceaccounts': serviceAccounts,
  '/namespaces': namespaces,
  '/resourcequotas': resourceQuotas,
  'policy/poddisruptionbudgets': podDisruptionBudgets,
  'coordination.k8s.io/leases': leases,
};
