// What a user gets wrong: one clear line each, exit code not 0, nothing half-made.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Cluster, dockerMissing, freePort, main, steersman } from '../src/cluster.js';
import { run } from '../src/run.js';

describe('bad input', () => {
  const dir = mkdtempSync(join(tmpdir(), 'steersman-e2e-bad-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    [['up', '--no-such-flag'], /unknown option '--no-such-flag'/],
    [['up', '--https-port', '99999'], /--https-port 99999 is out of range/],
    [['up', '--store', 'paper'], /--store paper is not known: use one of embedded, memory, etcd/],
    [['up', '--store', 'etcd'], /needs --etcd-endpoints/],
    [['up', '--runtime', 'lxc'], /--runtime lxc is not known/],
    [['up', '--only', 'scheduler'], /--only must name api/],
  ])('refuses %j', async (args, expected) => {
    const { code, stderr } = await steersman([...args, '--data-dir', dir]);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
  });

  it('names a busy port', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
    const { code, stderr } = await steersman(['up', '--https-port', String(port), '--runtime', 'none', '--store', 'memory', '--data-dir', dir]);
    server.close();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toBe(`steersman: port ${port} is in use: stop what listens there, or choose another with --https-port`);
  });

  it.skipIf(process.getuid?.() !== 0)('says what to do without a Docker Engine, and makes nothing', async () => {
    const fresh = join(dir, 'no-docker');
    const { code, stderr } = await steersman(['up', '--runtime', 'docker', '--data-dir', fresh], {
      env: { STEERSMAN_DOCKER_SOCKET: join(dir, 'no.sock') },
    });
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^steersman: no Docker Engine answers on .*no\.sock: start it, or install it/);
    expect(existsSync(fresh)).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)('says what to do on a full disk, and makes nothing', async () => {
    const disk = join(dir, 'disk');
    mkdirSync(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      const { code, stderr } = await steersman([
        'up',
        '--runtime',
        'none',
        '--https-port',
        String(await freePort()),
        '--data-dir',
        join(disk, 'data'),
      ]);
      expect(code).toBe(1);
      expect(stderr.trim()).toMatch(/^steersman: the disk of .* is full \(\d MiB free, 16 needed\): free some space, or choose another --data-dir$/);
      expect(existsSync(join(disk, 'data'))).toBe(false);
    } finally {
      await run('umount', [disk]);
    }
  });

  it.skipIf(dockerMissing())('says what to do without permission for networks, and makes nothing', async () => {
    const fresh = join(dir, 'no-networks');
    const { code, stderr } = await run('setpriv', [
      '--bounding-set',
      '-net_admin',
      process.execPath,
      main,
      'up',
      '--runtime',
      'docker',
      '--data-dir',
      fresh,
    ]);
    expect(code).toBe(1);
    expect(stderr.trim()).toMatch(/^steersman: this process may not set up networks \(.*\): run as root, or choose --runtime hollow$/);
    expect(existsSync(fresh)).toBe(false);
  });

  it.skipIf(dockerMissing())('leaves the network of another cluster alone', async () => {
    const cluster = new Cluster(['--runtime', 'docker', '--store', 'memory']);
    try {
      await cluster.up();
      const other = join(dir, 'other');
      const { code, stderr } = await steersman(['up', '--runtime', 'docker', '--https-port', String(await freePort()), '--data-dir', other]);
      expect(code).toBe(1);
      expect(stderr.trim()).toMatch(/^steersman: the pod network of this machine belongs to the cluster in .*: reset that one first, or choose/);
      expect((await steersman(['reset', '--data-dir', other])).stderr).toContain('networks and rules stay');
      expect((await run('ip', ['link', 'show', 'steersman0'])).code).toBe(0);
    } finally {
      await cluster.destroy();
    }
  });

  it('refuses data that a newer version wrote', async () => {
    const data = join(dir, 'newer');
    const cluster = new Cluster(['--runtime', 'none', '--store', 'embedded']);
    try {
      await cluster.up();
      await cluster.stop();
      writeFileSync(join(cluster.dataDir, 'store/format'), '999');
      const { code, stderr } = await steersman(['up', '--https-port', String(await freePort()), '--runtime', 'none', '--data-dir', cluster.dataDir]);
      expect(code).toBe(1);
      expect(stderr.trim().split('\n').at(-1)).toMatch(/newer/);
      expect(existsSync(data)).toBe(false);
    } finally {
      await cluster.destroy();
    }
  });

  it('refuses a data directory that a running cluster uses', async () => {
    const cluster = new Cluster(['--runtime', 'none', '--store', 'embedded']);
    try {
      await cluster.up();
      const { code, stderr } = await steersman(['up', '--https-port', String(await freePort()), '--runtime', 'none', '--data-dir', cluster.dataDir]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/is in use by a running cluster \(process \d+\): stop it with steersman down/);
    } finally {
      await cluster.destroy();
    }
  });
});
