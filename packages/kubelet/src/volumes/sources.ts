// The files that config maps, secrets and downward API sources give, with upstream's words for what is missing.
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Secret } from '@steersman/api';
import { fieldValue, resourceValue } from '../containers/field-refs.js';
import { findContainer, type NodePod } from '../pods/pod.js';
import type { ProjectedFile } from './atomic-writer.js';
import type { VolumeSources } from './volume.js';

export type Files = Map<string, ProjectedFile>;

export interface SelectOptions {
  readonly items: readonly KeyToPath[] | undefined;
  readonly defaultMode: number;
  readonly optional: boolean;
}

function select(data: ReadonlyMap<string, Uint8Array>, { items, defaultMode, optional }: SelectOptions, missing: (key: string) => string): Files {
  const files: Files = new Map();
  if (!items?.length) {
    for (const [key, value] of data) files.set(key, { data: value, mode: defaultMode });
    return files;
  }
  for (const { key, path, mode } of items) {
    const value = data.get(key);
    if (value) files.set(path, { data: value, mode: mode ?? defaultMode });
    else if (!optional) throw new Error(missing(key));
  }
  return files;
}

export function configMapFiles(object: ConfigMap, options: SelectOptions): Files {
  const data = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(object.data ?? {})) data.set(key, Buffer.from(value));
  for (const [key, value] of Object.entries(object.binaryData ?? {})) data.set(key, Buffer.from(value, 'base64'));
  return select(data, options, (key) => `configmap references non-existent config key: ${key}`);
}

export function secretFiles(object: Secret, options: SelectOptions): Files {
  const data = new Map<string, Uint8Array>(Object.entries(object.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
  return select(data, options, (key) => `references non-existent secret key: ${key}`);
}

export function downwardFiles(
  pod: NodePod,
  items: readonly DownwardAPIVolumeFile[],
  { sources, defaultMode }: { sources: VolumeSources; defaultMode: number },
): Files {
  const files: Files = new Map();
  for (const { path, fieldRef, resourceFieldRef, mode } of items) {
    let value = '';
    if (fieldRef) value = fieldValue(fieldRef.fieldPath, { ...sources, pod }) ?? '';
    if (resourceFieldRef) {
      const named = findContainer(pod, resourceFieldRef.containerName ?? '');
      if (!named) throw new Error(`container ${resourceFieldRef.containerName} not found`);
      value = resourceValue(resourceFieldRef, named.container, sources.allocatable);
    }
    files.set(path, { data: Buffer.from(value), mode: mode ?? defaultMode });
  }
  return files;
}
