// A path below a volume, safe against links that lead out of it.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/subpath
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { ContainerError, messageOf } from '../containers/container-error.js';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { AnyContainer, NodePod } from '../pods/pod.js';
import type { MountedVolume } from './volume.js';

export interface SubPathRequest {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly volume: MountedVolume;
  readonly subPath: string;
  readonly index: number;
}

/** Makes the directories with the permissions of the volume itself. */
async function makeLike(root: string, full: string): Promise<void> {
  const { mode } = await stat(root);
  const first = await mkdir(full, { recursive: true });
  for (let made = full; first !== undefined && made.length >= first.length; made = path.dirname(made)) await chmod(made, mode & 0o7777);
}

/** The path on the node that the sub path means now; missing directories are made. */
export async function resolveSubPath(_context: KubeletContext, { volume, subPath, container }: SubPathRequest): Promise<string> {
  const root = await realpath(volume.path);
  const full = path.join(root, subPath);
  try {
    if (!(await stat(full).catch(() => undefined)) && !volume.readOnly) await makeLike(root, full);
    const resolved = await realpath(full);
    if (resolved !== root && !resolved.startsWith(`${root}/`)) throw new Error(`"${subPath}" leads out of the volume`);
    return resolved;
  } catch (error) {
    throw new ContainerError(
      'CreateContainerConfigError',
      `failed to prepare subPath for volumeMount "${volume.name}" of container "${container.name}": ${messageOf(error)}`,
      { cause: error },
    );
  }
}
