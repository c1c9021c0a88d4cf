// A file that only takes up room: freed when the disk is full, so that compaction, which must write to forget, can go on.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const mostBytes = 4 * 1024 * 1024;
const leastBytes = 256 * 1024;

/** Makes the file, smaller where there is less room. */
export function layBallast(dataDir: string): void {
  const path = join(dataDir, 'ballast');
  if (existsSync(path)) return;
  for (let bytes = mostBytes; bytes >= leastBytes; bytes /= 2) {
    try {
      writeFileSync(path, Buffer.alloc(bytes, 1), { mode: 0o600 });
      return;
    } catch {
      dropBallast(dataDir);
    }
  }
}

export const dropBallast = (dataDir: string): void => rmSync(join(dataDir, 'ballast'), { force: true });
