// emptyDir volumes: on disk, or in memory.
import { chmod, chown, mkdir } from 'node:fs/promises';
import { wholeValue } from '@steersman/api';
import { mountTmpfs } from './tmpfs.js';
import type { VolumePlugin } from './volume.js';

export const emptyDirVolume: VolumePlugin = {
  directoryName: 'kubernetes.io~empty-dir',
  live: false,
  handles: ({ emptyDir }) => emptyDir !== undefined,
  async setUp({ pod, volume, directory, sources }) {
    const { medium = '', sizeLimit } = volume.emptyDir ?? {};
    await mkdir(directory, { recursive: true });
    if (medium === 'Memory')
      await mountTmpfs(directory, { sizeBytes: sizeLimit ? wholeValue(sizeLimit) : wholeValue(sources.allocatable['memory'] ?? '0') });
    else if (medium !== '') throw new Error(`unknown storage medium "${medium}"`);
    const gid = pod.spec.securityContext?.fsGroup;
    if (gid !== undefined) await chown(directory, 0, gid);
    if (gid !== undefined) await chmod(directory, 0o2777);
    else if (medium === '') await chmod(directory, 0o777);
    return { name: volume.name, path: directory, readOnly: false };
  },
};
