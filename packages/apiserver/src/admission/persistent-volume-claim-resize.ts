// PersistentVolumeClaimResize: a bound claim grows only where its class allows volumes to be expanded.
import { compareQuantities, forbidden, type PersistentVolumeClaim, type StorageClass } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const requested = ({ spec }: PersistentVolumeClaim): string => spec?.resources?.requests?.['storage'] ?? '0';

export class PersistentVolumeClaimResize implements AdmissionPlugin {
  readonly name = 'PersistentVolumeClaimResize';

  constructor(private readonly classes: Resource) {}

  validate(request: AdmissionRequest): void {
    if (request.operation !== 'UPDATE' || !request.old || !concerns(request, '', 'persistentvolumeclaims')) return;
    const claim = request.object as unknown as PersistentVolumeClaim;
    const old = request.old as unknown as PersistentVolumeClaim;
    if (compareQuantities(requested(claim), requested(old)) <= 0) return;
    const refuse = (why: string): Error => forbidden({ group: '', resource: 'persistentvolumeclaims' }, claim.metadata.name ?? '', why);
    if (old.status?.phase !== 'Bound') throw refuse('Only bound persistent volume claims can be expanded');
    const name = claim.spec?.storageClassName;
    const storageClass = name ? (this.classes.peek(undefined, name)?.object as unknown as StorageClass | undefined) : undefined;
    if (!storageClass?.allowVolumeExpansion)
      throw refuse('only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
  }
}
