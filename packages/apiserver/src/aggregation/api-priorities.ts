// Where each API group and version stands among the others in discovery: higher ones come first.
import type { ResourceInfo } from '@steersman/api';

export interface ApiPriority {
  readonly group: number;
  readonly version: number;
}

/** The groups of the server itself; their versions count by stability. */
const groups: Readonly<Record<string, number>> = {
  '': 18000,
  'apiregistration.k8s.io': 20000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700,
  'apiextensions.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'internal.apiserver.k8s.io': 16000,
  'storagemigration.k8s.io': 15800,
};

const versions: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 20,
};
const stable = 15;
const unstable = 9;

/** What all custom resources have. */
export const customPriority: ApiPriority = { group: 1000, version: 100 };

export const priorityOf = ({ group, version }: Pick<ResourceInfo, 'group' | 'version'>): ApiPriority => ({
  group: groups[group] ?? customPriority.group,
  version: versions[`${group}/${version}`] ?? (/^v\d+$/.test(version) ? stable : unstable),
});
