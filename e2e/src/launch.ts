// How a component is started: as a process of this machine, or as a container of its image.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** Something that runs until it is killed. */
export interface Running {
  /** The last of what it said. */
  readonly log: string;
  /** Kills it without warning; resolves when it is gone. */
  kill(): Promise<void>;
}

export type Launch = (component: string, flags: readonly string[]) => Running;

export const launchProcess: Launch = (component, flags) => startProcess(process.execPath, [scriptOf(component), ...flags]);

const scriptOf = (component: string): string =>
  join(root, component === 'kubelet' ? 'packages/kubelet/dist/main.js' : `packages/steersman/dist/processes/${component}.js`);

export function startProcess(command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return running(child, () => ended(child));
}

/** What each image needs of its host, beside the host's network: deploy/README.md says why. */
const needs: Readonly<Record<string, string>> = {
  kubelet:
    '--pid host --cap-add SYS_ADMIN --cap-add SYS_PTRACE -v /var/run/docker.sock:/var/run/docker.sock -v /var/lib/docker/containers:/var/lib/docker/containers',
  overlay:
    '--pid host --cap-add NET_ADMIN --cap-add SYS_ADMIN --cap-add SYS_PTRACE --security-opt systempaths=unconfined -v /run/steersman:/run/steersman',
  'kube-proxy': '--cap-add NET_ADMIN --security-opt systempaths=unconfined',
};

/** Starts components as containers that see one directory of the host, under the same path. */
export const containersIn =
  (directory: () => string, tag = '0.1.0'): Launch =>
  (component, flags) => {
    const name = `steersman-e2e-${component}`;
    const mounts = ['-v', `${directory()}:${directory()}${component === 'kubelet' ? ':rshared' : ''}`];
    const needed = needs[component]?.split(' ') ?? [];
    const args = ['run', '--rm', '--pull', 'never', '--name', name, '--network', 'host', ...needed, ...mounts, `steersman/${component}:${tag}`];
    const child = spawn('docker', [...args, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    return running(child, async () => {
      spawnSync('docker', ['rm', '-f', name], { stdio: 'ignore' });
      await ended(child);
    });
  };

/** Keeps the last of what a process says. */
function running(child: ChildProcess, kill: () => Promise<void>): Running {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-20_000)));
  return {
    get log() {
      return log;
    },
    kill,
  };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
