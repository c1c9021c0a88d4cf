// A real etcd on free loopback ports and a data directory of its own, for tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const etcdPath = [process.env['ETCD'], '/usr/bin/etcd', '/usr/local/bin/etcd'].find((path) => path && existsSync(path));

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export class EtcdProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'steersman-etcd-'));
  private child: ChildProcess | undefined;
  private ports: readonly [number, number] | undefined;

  async start(): Promise<void> {
    this.ports ??= [await freePort(), await freePort()];
    const peer = `http://127.0.0.1:${this.ports[1]}`;
    const urls = ['--listen-client-urls', this.endpoint, '--advertise-client-urls', this.endpoint, '--listen-peer-urls', peer];
    const cluster = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`];
    this.child = spawn(etcdPath!, ['--data-dir', this.dataDir, ...urls, ...cluster], { stdio: 'ignore' });
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.ports?.[0]}`;
  }

  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
