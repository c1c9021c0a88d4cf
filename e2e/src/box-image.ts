// A small image for tests, made from the machine's static busybox: two tags, so that a rollout has somewhere to go.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const box = 'steersman-e2e/box:1';
export const newerBox = 'steersman-e2e/box:2';

const busybox = '/bin/busybox';
const applets = [
  'sh',
  'sleep',
  'cat',
  'echo',
  'hostname',
  'httpd',
  'nc',
  'nslookup',
  'tar',
  'ls',
  'mkdir',
  'touch',
  'rm',
  'env',
  'id',
  'true',
  'false',
  'wget',
  'kill',
  'ps',
  'date',
  'test',
  'seq',
  'tty',
  'stty',
];

/** Makes the images where they are missing. */
export function ensureBox(): void {
  if (spawnSync('docker', ['image', 'inspect', box, newerBox], { stdio: 'ignore' }).status === 0) return;
  const work = mkdtempSync(join(tmpdir(), 'steersman-box-'));
  try {
    for (const dir of ['bin', 'etc', 'tmp', 'root', 'www', 'proc', 'sys', 'dev']) mkdirSync(join(work, dir));
    copyFileSync(busybox, join(work, 'bin/busybox'));
    for (const applet of applets) symlinkSync('busybox', join(work, 'bin', applet));
    writeFileSync(join(work, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(work, 'etc/group'), 'root:x:0:\n');
    const archive = join(work, '..', `${work.split('/').at(-1)}.tar`);
    spawnSync('tar', ['-C', work, '-cf', archive, '.']);
    for (const [tag, version] of [
      [box, '1'],
      [newerBox, '2'],
    ] as const) {
      const { status, stderr } = spawnSync('docker', ['import', '--change', `ENV BOX_VERSION=${version}`, archive, tag]);
      if (status !== 0) throw new Error(`making ${tag}: ${stderr.toString()}`);
    }
    rmSync(archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
