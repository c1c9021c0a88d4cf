// StorageObjectInUseProtection: volumes, claims and attributes classes carry a finalizer, so that they outlive their last use.
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const finalizers: readonly (readonly [group: string, resource: string, finalizer: string])[] = [
  ['', 'persistentvolumes', 'kubernetes.io/pv-protection'],
  ['', 'persistentvolumeclaims', 'kubernetes.io/pvc-protection'],
  ['storage.k8s.io', 'volumeattributesclasses', 'kubernetes.io/vac-protection'],
];

export class StorageObjectInUseProtection implements AdmissionPlugin {
  readonly name = 'StorageObjectInUseProtection';

  mutate(request: AdmissionRequest): void {
    const { object, operation } = request;
    if (operation !== 'CREATE' || !object) return;
    const finalizer = finalizers.find(([group, resource]) => concerns(request, group, resource))?.[2];
    if (!finalizer || object.metadata.finalizers?.includes(finalizer)) return;
    object.metadata = { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), finalizer] };
  }
}
