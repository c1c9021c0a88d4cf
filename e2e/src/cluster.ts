// A cluster under test: started by the built command line tool, spoken to by kubectl, and gone afterwards, whatever happens.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const main = join(root, 'packages/steersman/dist/main.js');

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end. */
export function run(command: string, args: readonly string[], { input = '', timeoutMs = 60_000, env }: RunOptions = {}): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { timeout: timeoutMs, killSignal: 'SIGKILL', env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

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
  private child: ChildProcess | undefined;
  port = 0;
  log = '';

  constructor(private readonly flags: readonly string[]) {}

  get kubeconfig(): string {
    return join(this.dataDir, 'kubeconfig');
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts, or starts again on the same data; resolves once it says that it is ready. */
  async up(): Promise<void> {
    this.port ||= await freePort();
    this.child = spawn(process.execPath, [main, 'up', '--data-dir', this.dataDir, '--https-port', String(this.port), ...this.flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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

  /** Runs kubectl; throws with what it said unless it exits with 0. */
  async kubectl(args: readonly string[] | string, options?: RunOptions): Promise<string> {
    const list = typeof args === 'string' ? args.split(' ') : args;
    const { code, stdout, stderr } = await this.tryKubectl(list, options);
    if (code !== 0) throw new Error(`kubectl ${list.join(' ')} exited with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  tryKubectl(args: readonly string[], options?: RunOptions & { kubectl?: string }): Promise<Output> {
    return run(options?.kubectl ?? 'kubectl', ['--kubeconfig', this.kubeconfig, ...args], options);
  }

  /** Starts kubectl and leaves it running, for port-forward and the like. */
  background(args: readonly string[]): ChildProcess {
    return spawn('kubectl', ['--kubeconfig', this.kubeconfig, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async json<T>(args: string): Promise<T> {
    return JSON.parse(await this.kubectl([...args.split(' '), '-o', 'json'])) as T;
  }

  /** Stops, resets, removes everything. */
  async destroy(): Promise<void> {
    await this.kill();
    await steersman(['reset', '--data-dir', this.dataDir]);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Waits until a condition holds; fails with the last reason why it did not. */
export async function eventually<T>(
  check: () => Promise<T>,
  { timeoutMs = 30_000, everyMs = 150 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

/** Why real containers cannot be tested here; undefined where they can. */
export function dockerMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'real nodes need Linux and root';
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) return 'no Docker Engine answers';
  if (spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status !== 0) return 'there is no kubectl';
  return undefined;
}
