// File systems in memory, and what is mounted where.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Directories under `root` on which something is mounted, the deepest first. */
export async function mountsUnder(root: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((point) => point.replace(/\\040/g, ' '));
  return points.filter((point) => point === root || point.startsWith(`${root}/`)).sort((a, b) => b.length - a.length);
}

export const isMounted = async (directory: string): Promise<boolean> => (await mountsUnder(directory)).includes(directory);

/** Mounts a tmpfs unless there is one already. */
export async function mountTmpfs(directory: string, { sizeBytes, mode }: { sizeBytes?: number; mode?: string }): Promise<void> {
  if (await isMounted(directory)) return;
  const options = ['noswap', ...(sizeBytes ? [`size=${sizeBytes}`] : []), ...(mode ? [`mode=${mode}`] : [])];
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', directory]);
  } catch {
    // Kernels before 6.3 do not know noswap.
    await run('mount', ['-t', 'tmpfs', ...(options.length > 1 ? ['-o', options.slice(1).join(',')] : []), 'tmpfs', directory]);
  }
}

export async function unmountUnder(root: string): Promise<void> {
  for (const point of await mountsUnder(root)) await run('umount', [point]).catch(() => run('umount', ['-l', point]));
}
