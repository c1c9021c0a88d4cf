// The clients written in Python, in an environment of pinned packages that is kept between runs.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

const requirements = new URL('../clients/python/requirements.txt', import.meta.url).pathname;
const environment = join(tmpdir(), 'steersman-clients-python');

/** Why programs in Python cannot run here; undefined where they can. */
export function pythonMissing(): string | undefined {
  return spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status === 0 ? undefined : 'there is no Python with venv';
}

/** The interpreter of the environment, which is made where it is not there yet. */
export async function pythonEnvironment(): Promise<string> {
  const python = join(environment, 'bin/python');
  const installed = join(environment, 'requirements.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(requirements, 'utf8')) return python;
  await succeed('python3', ['-m', 'venv', '--clear', environment]);
  await succeed(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements]);
  copyFileSync(requirements, installed);
  return python;
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(command, args, { timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}: ${stderr}`);
}
