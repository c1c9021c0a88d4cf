// secret volumes. Secrets never touch the disk: the volume is a file system in memory.
import { namespaceOf } from '../pods/pod.js';
import { projectedVolume } from './projected-volume.js';
import { secretFiles } from './sources.js';
import type { VolumePlugin } from './volume.js';

export const secretVolume: VolumePlugin = projectedVolume(
  'kubernetes.io~secret',
  ({ secret }) => secret !== undefined,
  async ({ pod, volume, sources }) => {
    const { secretName = '', items, defaultMode = 0o644, optional = false } = volume.secret ?? {};
    const object = await sources.secret(namespaceOf(pod), secretName);
    if (!object && !optional) throw new Error(`secret "${secretName}" not found`);
    return object ? secretFiles(object, { items, defaultMode, optional }) : new Map();
  },
  { inMemory: true },
);
