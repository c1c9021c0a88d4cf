// What volumes get when they do not say otherwise: a source, file modes, types of the older in-tree sources.
import type { Volume, VolumeProjection } from '../../gen/types.js';
import { claimSpecDefaults } from '../storage/claim-defaults.js';
import { pullPolicyOf } from './container-defaults.js';

const readableByAll = 0o644;

export function volumeDefaults(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= readableByAll;
  if (volume.configMap) volume.configMap.defaultMode ??= readableByAll;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= readableByAll;
    for (const { fieldRef } of volume.downwardAPI.items ?? []) if (fieldRef) fieldRef.apiVersion ??= 'v1';
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= readableByAll;
    for (const source of volume.projected.sources ?? []) projectionDefaults(source);
  }
  if (volume.image) volume.image.pullPolicy ??= pullPolicyOf(volume.image.reference);
  if (volume.ephemeral?.volumeClaimTemplate) claimSpecDefaults(volume.ephemeral.volumeClaimTemplate.spec);
  blockVolumeDefaults(volume);
}

/** Sources that volumes and persistent volumes have in common. */
export function blockVolumeDefaults(volume: Pick<Volume, 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>): void {
  if (volume.iscsi) volume.iscsi.iscsiInterface ??= 'default';
  if (volume.rbd) {
    volume.rbd.pool ??= 'rbd';
    volume.rbd.user ??= 'admin';
    volume.rbd.keyring ??= '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ??= 'ThinProvisioned';
    volume.scaleIO.fsType ??= 'xfs';
  }
}

function projectionDefaults({ serviceAccountToken, downwardAPI }: VolumeProjection): void {
  if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
  for (const { fieldRef } of downwardAPI?.items ?? []) if (fieldRef) fieldRef.apiVersion ??= 'v1';
}
