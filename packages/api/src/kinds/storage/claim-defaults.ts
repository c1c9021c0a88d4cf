// Claims for storage, by themselves and in the templates of stateful sets and ephemeral volumes.
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../gen/types.js';
import { roundedToMilli } from '../resource-list.js';

export function claimDefaults(claim: PersistentVolumeClaim): void {
  claim.status ??= {};
  claim.status.phase ??= 'Pending';
  roundedToMilli(claim.status.capacity);
  roundedToMilli(claim.status.allocatedResources);
  if (!claim.spec) return;
  claimSpecDefaults(claim.spec);
  const spec = claim.spec;
  // Sources in other namespaces are off.
  if (spec.dataSourceRef?.namespace) delete spec.dataSourceRef;
  if (spec.dataSource && !isCloneable(spec.dataSource)) delete spec.dataSource;
  // The deprecated and the present field stand for each other.
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (!spec.dataSource && spec.dataSourceRef && !spec.dataSourceRef.namespace) spec.dataSource = { ...spec.dataSourceRef };
}

export function claimSpecDefaults(spec: PersistentVolumeClaimSpec): void {
  spec.volumeMode ??= 'Filesystem';
  roundedToMilli(spec.resources?.limits);
  roundedToMilli(spec.resources?.requests);
}

/** Anything else can only be asked for by dataSourceRef, and is ignored here. */
const isCloneable = ({ apiGroup, kind }: NonNullable<PersistentVolumeClaimSpec['dataSource']>): boolean =>
  (!apiGroup && kind === 'PersistentVolumeClaim') || (apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot');
