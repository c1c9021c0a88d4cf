// The data directory of the embedded backend: who holds it (`lock`) and which format it has (`format`).
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NewerDataError, StoreLockedError } from '../store-error.js';

const formatVersion = 1;
const attempts = 5;

/** Takes the directory for this process, making it if needed; returns how to give it back. */
export function holdDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'lock');
  const own = `${process.pid} ${startTime(process.pid)}\n`;
  takeLock(dataDir, path, own);
  const release = (): void => {
    if (contentOf(path) === own) rmSync(path, { force: true });
  };
  try {
    checkFormat(dataDir);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function takeLock(dataDir: string, path: string, own: string): void {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      writeFileSync(path, own, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const found = contentOf(path);
    const holder = holderOf(found);
    if (holder !== undefined) throw new StoreLockedError(dataDir, holder);
    removeStale(path, found);
  }
  throw new Error(`taking the lock ${path}`);
}

/** Removes the lock of a process that is gone; puts it back if somebody else has replaced it meanwhile. */
function removeStale(path: string, found: string | undefined): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (contentOf(aside) !== found) linkSync(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** The process that holds the lock, unless it has ended (another may have its pid: the start time tells). */
function holderOf(content: string | undefined): number | undefined {
  const [pid, started] = (content ?? '').trim().split(' ');
  if (!pid || !Number.isInteger(Number(pid))) return undefined;
  const now = startTime(Number(pid));
  if (now !== 'unknown') return now === started ? Number(pid) : undefined;
  try {
    process.kill(Number(pid), 0);
    return started === 'unknown' ? Number(pid) : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? Number(pid) : undefined;
  }
}

/** When a process began, in the kernel's ticks since boot; 'unknown' where there is no /proc or no such process. */
function startTime(pid: number): string {
  const stat = contentOf(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown';
}

function checkFormat(dataDir: string): void {
  const path = join(dataDir, 'format');
  const content = contentOf(path);
  if (content === undefined) writeFileSync(path, `${formatVersion}\n`, { mode: 0o600 });
  else if (Number(content) > formatVersion) throw new NewerDataError(dataDir, Number(content), formatVersion);
  else if (Number(content) !== formatVersion) throw new Error(`${path} does not hold a format version`);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
