// Persistent volumes, storage classes, CSI drivers.
import type { CSIDriver, PersistentVolume, StorageClass } from '../../gen/types.js';
import { blockVolumeDefaults } from '../pod/volume-defaults.js';
import { roundedToMilli } from '../resource-list.js';

export function persistentVolumeDefaults(volume: PersistentVolume): void {
  volume.status ??= {};
  volume.status.phase ??= 'Pending';
  const spec = volume.spec;
  if (!spec) return;
  spec.persistentVolumeReclaimPolicy ??= 'Retain';
  spec.volumeMode ??= 'Filesystem';
  roundedToMilli(spec.capacity);
  if (spec.hostPath) spec.hostPath.type ??= '';
  blockVolumeDefaults(spec as Parameters<typeof blockVolumeDefaults>[0]);
}

export function storageClassDefaults(storageClass: StorageClass): void {
  storageClass.reclaimPolicy ??= 'Delete';
  storageClass.volumeBindingMode ??= 'Immediate';
}

export function csiDriverDefaults({ spec }: CSIDriver): void {
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  spec.volumeLifecycleModes ??= ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}
