// What all volumes whose files come from the API have in common: they are written atomically and follow the API.
import { chmod, chown, mkdir } from 'node:fs/promises';
import type { Volume } from '@steersman/api';
import { writeAtomically } from './atomic-writer.js';
import type { Files } from './sources.js';
import { mountTmpfs } from './tmpfs.js';
import type { VolumePlugin, VolumeRequest } from './volume.js';

/** With a file system group, files are readable for it. */
const grouped = (mode: number): number => mode | 0o440;

export function projectedVolume(
  directoryName: string,
  handles: (volume: Volume) => boolean,
  filesOf: (request: VolumeRequest) => Promise<Files>,
  { inMemory = false }: { inMemory?: boolean } = {},
): VolumePlugin {
  return {
    directoryName,
    handles,
    live: true,
    async setUp(request) {
      const { directory, pod, volume } = request;
      const files = await filesOf(request);
      const gid = pod.spec.securityContext?.fsGroup;
      await mkdir(directory, { recursive: true, mode: 0o755 });
      if (inMemory) await mountTmpfs(directory, {});
      if (gid !== undefined) await chown(directory, 0, gid);
      await chmod(directory, gid === undefined ? 0o777 : 0o2777);
      const payload = gid === undefined ? files : new Map([...files].map(([path, file]) => [path, { ...file, mode: grouped(file.mode) }]));
      await writeAtomically(directory, payload, { nowMs: request.sources.nowMs(), gid });
      return { name: volume.name, path: directory, readOnly: true };
    },
  };
}
