// A small image for tests, made from the machine's static busybox: two tags, so that a rollout has somewhere to go. It has two
// programs that end at once when they are asked to: `idle`, and `serve`, which answers with the host's name on port 8080.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const box = 'steersman-e2e/box:2.0';
export const newerBox = 'steersman-e2e/box:2.1';

const busybox = '/bin/busybox';
const scripts: Readonly<Record<string, string>> = {
  idle: '#!/bin/sh\ntrap "exit 0" TERM\nsleep 86400 &\nwait\n',
  serve: '#!/bin/sh\ntrap "exit 0" TERM\nhostname > /www/index.html\nhttpd -f -p 8080 -h /www &\nwait\n',
};

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
    for (const [name, text] of Object.entries(scripts)) writeFileSync(join(work, 'bin', name), text, { mode: 0o755 });
    writeFileSync(join(work, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(work, 'etc/group'), 'root:x:0:\n');
    const archive = join(work, '..', `${work.split('/').at(-1)}.tar`);
    spawnSync('tar', ['-C', work, '-cf', archive, '.']);
    for (const [tag, version] of [
      [box, '2.0'],
      [newerBox, '2.1'],
    ] as const) {
      const { status, stderr } = spawnSync('docker', ['import', '--change', `ENV BOX_VERSION=${version}`, archive, tag]);
      if (status !== 0) throw new Error(`making ${tag}: ${stderr.toString()}`);
    }
    rmSync(archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
