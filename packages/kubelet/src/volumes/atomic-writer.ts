// Replaces the files of a volume all at once: they are links into a directory that is swapped by one rename.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toTime } from '@steersman/api';

export interface ProjectedFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** Owner of the file, where it is not root. */
  readonly uid?: number;
}

export type Payload = ReadonlyMap<string, ProjectedFile>;

const dataName = '..data';
const nextName = '..data_tmp';

async function isSame(directory: string, payload: Payload): Promise<boolean> {
  const current = path.join(directory, dataName);
  for (const [name, { data, mode }] of payload) {
    const file = path.join(current, name);
    const [content, status] = await Promise.all([readFile(file).catch(() => undefined), lstat(file).catch(() => undefined)]);
    if (!content || !status || !content.equals(data) || (status.mode & 0o777) !== (mode & 0o777)) return false;
  }
  const listed = await readdir(current, { recursive: true, withFileTypes: true }).catch(() => []);
  return listed.filter((entry) => entry.isFile()).length === payload.size && (await readlink(current).catch(() => '')) !== '';
}

/** Writes the payload into the directory; `nowMs` names the version. `gid` owns the files where given. Returns whether anything changed. */
export async function writeAtomically(
  directory: string,
  payload: Payload,
  { nowMs, gid }: { nowMs: number; gid?: number | undefined },
): Promise<boolean> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  if (await isSame(directory, payload)) return false;
  const stamp = toTime(nowMs).replace(/[-:]/g, '_').replace('T', '_').replace('Z', '');
  const version = await mkdtemp(path.join(directory, `..${stamp}.`));
  await chmod(version, 0o755);
  if (gid !== undefined) await chown(version, 0, gid);
  for (const [name, { data, mode, uid }] of payload) {
    const file = path.join(version, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, data);
    if (uid !== undefined || gid !== undefined) await chown(file, uid ?? 0, gid ?? 0);
    await chmod(file, mode);
  }
  const before = await readlink(path.join(directory, dataName)).catch(() => undefined);
  await rm(path.join(directory, nextName), { force: true });
  await symlink(path.basename(version), path.join(directory, nextName));
  await rename(path.join(directory, nextName), path.join(directory, dataName));
  await linkTopLevel(directory, payload);
  if (before) await rm(path.join(directory, before), { recursive: true, force: true });
  return true;
}

/** Each first part of a path is a link into the current version; links to what is gone are removed. */
async function linkTopLevel(directory: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((name) => name.split('/')[0]!));
  for (const entry of await readdir(directory))
    if (!entry.startsWith('..') && !wanted.has(entry)) await unlink(path.join(directory, entry)).catch(() => {});
  for (const name of wanted) {
    const link = path.join(directory, name);
    if ((await readlink(link).catch(() => undefined)) !== undefined) continue;
    await symlink(path.join(dataName, name), link);
  }
}
