// hostPath volumes: a path of the node, of the type that was asked for.

import type { Stats } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import type { VolumePlugin } from './volume.js';

type Check = (status: Stats | undefined) => boolean;

const checks: Record<string, { readonly holds: Check; readonly what: string }> = {
  Directory: { holds: (s) => s?.isDirectory() ?? false, what: 'a directory' },
  File: { holds: (s) => s?.isFile() ?? false, what: 'a file' },
  Socket: { holds: (s) => s?.isSocket() ?? false, what: 'a socket file' },
  CharDevice: { holds: (s) => s?.isCharacterDevice() ?? false, what: 'a character device' },
  BlockDevice: { holds: (s) => s?.isBlockDevice() ?? false, what: 'a block device' },
};

export const hostPathVolume: VolumePlugin = {
  directoryName: 'kubernetes.io~host-path',
  live: false,
  handles: ({ hostPath }) => hostPath !== undefined,
  async setUp({ volume }) {
    const { path = '', type = '' } = volume.hostPath ?? {};
    let status = await stat(path).catch(() => undefined);
    if (!status && type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 });
    if (!status && type === 'FileOrCreate') await writeFile(path, '', { mode: 0o644 });
    status ??= await stat(path).catch(() => undefined);
    const check = checks[type.replace('OrCreate', '')];
    if (check && !check.holds(status)) throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
    return { name: volume.name, path, readOnly: false };
  },
};
