// DefaultStorageClass: a claim that names no class gets the one marked as default, the newest where there are several.
import type { PersistentVolumeClaim, StorageClass } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';

const annotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

interface Named {
  readonly metadata: { readonly name?: string; readonly creationTimestamp?: string | null; readonly annotations?: Readonly<Record<string, string>> };
}

/** Of those marked as default the newest, by name where they are of one age. */
export function newestDefault<T extends Named>(all: readonly T[], marks: readonly string[]): T | undefined {
  const marked = all.filter(({ metadata }) => marks.some((mark) => metadata.annotations?.[mark] === 'true'));
  const ageOf = ({ metadata }: T): string => metadata.creationTimestamp ?? '';
  return marked.sort((a, b) => ageOf(b).localeCompare(ageOf(a)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))[0];
}

export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = 'DefaultStorageClass';

  constructor(private readonly classes: Resource) {}

  mutate(request: AdmissionRequest): void {
    if (request.operation !== 'CREATE' || !concerns(request, '', 'persistentvolumeclaims')) return;
    const { spec, metadata } = request.object as unknown as PersistentVolumeClaim;
    if (!spec || spec.storageClassName !== undefined || metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return;
    const found = newestDefault(
      this.classes.cache.list().map(({ object }) => object as unknown as StorageClass),
      annotations,
    );
    if (found?.metadata.name) spec.storageClassName = found.metadata.name;
  }
}
