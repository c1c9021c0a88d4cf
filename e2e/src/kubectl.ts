// The real kubectl, spoken to as a user would: commands, JSON, commands that go on, and dialogs on a terminal.
import { type ChildProcess, spawn } from 'node:child_process';
import { type Output, type RunOptions, run } from './run.js';

/** One turn of a dialog: what to wait for on the screen, and what to type then. */
export type Turn = readonly [screen: RegExp, type: string];

export class Kubectl {
  constructor(
    readonly kubeconfig: string,
    private readonly command = 'kubectl',
  ) {}

  /** The same cluster, by another kubectl. */
  by(command: string): Kubectl {
    return new Kubectl(this.kubeconfig, command);
  }

  /** Runs it; throws with what it said unless it exits with 0. */
  async run(args: readonly string[] | string, options?: RunOptions): Promise<string> {
    const list = typeof args === 'string' ? args.split(' ') : args;
    const { code, stdout, stderr } = await this.try(list, options);
    if (code !== 0) throw new Error(`kubectl ${list.join(' ')} exited with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  try(args: readonly string[], options?: RunOptions): Promise<Output> {
    return run(this.command, ['--kubeconfig', this.kubeconfig, ...args], options);
  }

  async json<T>(args: string): Promise<T> {
    return JSON.parse(await this.run([...args.split(' '), '-o', 'json'])) as T;
  }

  /** Pods and events of the whole cluster, to tell why a test failed. */
  async picture(): Promise<string> {
    const pods = await this.try(['get', 'pods', '-A', '-o', 'wide']);
    const events = await this.try(['get', 'events', '-A', '--sort-by=.metadata.creationTimestamp']);
    return `${pods.stdout}${events.stdout.split('\n').slice(-40).join('\n')}`;
  }

  /** Starts it and leaves it running, for port-forward and the like. */
  background(args: readonly string[]): ChildProcess {
    return spawn(this.command, ['--kubeconfig', this.kubeconfig, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Runs it on a terminal of 40 rows and 100 columns (made by script(1)), with a dialog; gives all that the screen showed. */
  terminal(args: readonly string[], turns: readonly Turn[], { timeoutMs = 60_000 }: Pick<RunOptions, 'timeoutMs'> = {}): Promise<Output> {
    const inner = ['stty rows 40 cols 100; exec "$0" "$@"', this.command, '--kubeconfig', this.kubeconfig, ...args];
    const line = ['sh', '-c', ...inner].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const child = spawn('script', ['-qefc', line, '/dev/null'], { timeout: timeoutMs, killSignal: 'SIGKILL' });
    const waiting = [...turns];
    let screen = '';
    let from = 0;
    child.stdout.on('data', (data: Buffer) => {
      screen += data.toString();
      while (waiting[0]?.[0].test(screen.slice(from))) {
        from = screen.length;
        child.stdin.write(waiting.shift()?.[1] ?? '');
      }
    });
    child.stdin.on('error', () => {});
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? -1, stdout: screen, stderr: '' }));
    });
  }
}
