// downwardAPI volumes: fields of the pod as files.
import { projectedVolume } from './projected-volume.js';
import { downwardFiles } from './sources.js';
import type { VolumePlugin } from './volume.js';

export const downwardApiVolume: VolumePlugin = projectedVolume(
  'kubernetes.io~downward-api',
  ({ downwardAPI }) => downwardAPI !== undefined,
  async ({ pod, volume, sources }) => {
    const { items = [], defaultMode = 0o644 } = volume.downwardAPI ?? {};
    return downwardFiles(pod, items, { sources, defaultMode });
  },
);
