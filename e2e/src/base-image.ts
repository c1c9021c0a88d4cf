// A base image for our images, made of this machine's own tools and the libraries they need: where nothing can be pulled, it stands
// in for node:26-bookworm-slim with the network tools installed.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export const nodeBase = 'steersman-e2e/node-base:1';

const tools = ['ip', 'iptables', 'iptables-save', 'iptables-restore', 'conntrack', 'nsenter', 'sh', 'sleep', 'cat', 'ls', 'mount', 'umount'];

const output = (command: string, args: readonly string[]): string => spawnSync(command, args).stdout.toString().trim();

export function ensureNodeBase(): void {
  if (spawnSync('docker', ['image', 'inspect', nodeBase], { stdio: 'ignore' }).status === 0) return;
  const work = mkdtempSync(join(tmpdir(), 'steersman-base-'));
  try {
    for (const dir of ['usr/bin', 'usr/lib', 'usr/lib64', 'etc', 'tmp', 'proc', 'sys', 'dev', 'run']) mkdirSync(join(work, dir), { recursive: true });
    for (const dir of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${dir}`, join(work, dir));
    symlinkSync('usr/bin', join(work, 'sbin'));
    copyFileSync(process.execPath, join(work, 'usr/bin/node'));
    copyLibraries(process.execPath, work);
    for (const tool of tools) copyTool(output('which', [tool]), work);
    copyPlugins(work);
    const archive = `${work}.tar`;
    spawnSync('tar', ['-C', work, '-cf', archive, '.']);
    const { status, stderr } = spawnSync('docker', ['import', '--change', 'ENV PATH=/usr/bin', archive, nodeBase]);
    rmSync(archive, { force: true });
    if (status !== 0) throw new Error(`making ${nodeBase}: ${stderr.toString()}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Copies a program under its own name, and under the name that is asked for where that is a link to it. */
function copyTool(path: string, work: string): void {
  const real = realpathSync(path);
  const target = join(work, 'usr/bin', basename(real));
  if (!existsSync(target)) {
    copyFileSync(real, target);
    copyLibraries(real, work);
  }
  if (basename(path) !== basename(real)) symlinkSync(basename(real), join(work, 'usr/bin', basename(path)));
}

function copyLibraries(program: string, work: string): void {
  for (const [, path] of output('ldd', [program]).matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
    if (!path) continue;
    const target = join(work, path.startsWith('/usr/') ? path : `usr${path}`);
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) copyFileSync(path, target);
  }
}

/** The matches and targets of iptables are libraries that it loads by name. */
function copyPlugins(work: string): void {
  const dir = '/usr/lib/x86_64-linux-gnu/xtables';
  if (existsSync(dir)) cpSync(dir, join(work, dir), { recursive: true });
}
