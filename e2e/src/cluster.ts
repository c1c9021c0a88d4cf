// A cluster under test: started by the built command line tool, spoken to by kubectl, and gone afterwards, whatever happens.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl } from './kubectl.js';
import { type Output, type RunOptions, run } from './run.js';

const root = new URL('../..', import.meta.url).pathname;
/** The built command line tool. */
export const main = join(root, 'packages/steersman/dist/main.js');

/** The steersman command, as a user runs it. */
export const steersman = (args: readonly string[], options?: RunOptions): Promise<Output> => run(process.execPath, [main, ...args], options);

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export class Cluster {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'steersman-e2e-'));
  readonly kubectl = new Kubectl(join(this.dataDir, 'kubeconfig'));
  private child: ChildProcess | undefined;
  port = 0;
  log = '';

  /** `nodeFlags`: of the Node.js that the cluster runs in. */
  constructor(
    private readonly flags: readonly string[],
    private readonly nodeFlags: readonly string[] = [],
  ) {}

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts, or starts again on the same data; resolves once it says that it is ready. */
  async up(): Promise<void> {
    this.port ||= await freePort();
    this.child = spawn(
      process.execPath,
      [...this.nodeFlags, main, 'up', '--data-dir', this.dataDir, '--https-port', String(this.port), ...this.flags],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const { child } = this;
    await new Promise<void>((resolve, reject) => {
      const note = (data: Buffer): void => {
        this.log += data.toString();
        if (this.log.includes('ready in')) resolve();
      };
      this.log = '';
      child.stdout?.on('data', note);
      child.stderr?.on('data', note);
      child.once('exit', (code) => reject(new Error(`the cluster ended with ${code}:\n${this.log}`)));
    });
  }

  /** Kills the whole process without warning. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<number> {
    return this.end('SIGTERM');
  }

  private end(signal: NodeJS.Signals): Promise<number> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child?.exitCode ?? 0);
    return new Promise((resolve) => {
      child.once('exit', (code) => resolve(code ?? -1));
      child.kill(signal);
    });
  }

  /** Stops, resets, removes everything. */
  async destroy(): Promise<void> {
    await this.kill();
    await steersman(['reset', '--data-dir', this.dataDir]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Why real containers cannot be tested here; undefined where they can. */
export function dockerMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'real nodes need Linux and root';
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) return 'no Docker Engine answers';
  if (spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status !== 0) return 'there is no kubectl';
  return undefined;
}
