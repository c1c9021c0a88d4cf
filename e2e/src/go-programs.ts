// The clients written in Go, built from pinned modules by the machine's Go; what was built is kept beside Go's own cache.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './run.js';

const clients = new URL('../clients', import.meta.url).pathname;
const bin = join(tmpdir(), 'steersman-clients');
const path = [process.env['PATH'], '/usr/local/go/bin'].join(delimiter);

/** The oldest Go that the pinned modules can be built with. */
const oldest = 25;

/** Where each program's source is. */
const sources = { 'client-go': './go', manager: './manager', helm: 'helm.sh/helm/v3/cmd/helm' };

/** Why programs in Go cannot be built here; undefined where they can. */
export function goMissing(): string | undefined {
  const { status, stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env: { ...process.env, PATH: path } });
  if (status !== 0) return 'there is no Go';
  const minor = Number(/^go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  return minor >= oldest ? undefined : `${stdout.trim()} is older than go1.${oldest}`;
}

/** Builds a program and says where it is; a second build costs a second. */
export async function goProgram(name: keyof typeof sources): Promise<string> {
  mkdirSync(bin, { recursive: true });
  const file = join(bin, name);
  const args = ['-C', clients, 'build', '-trimpath', '-buildvcs=false', '-mod=readonly', '-o', file, sources[name]];
  const { code, stderr } = await run('go', args, { timeoutMs: 600_000, env: { PATH: path } });
  if (code !== 0) throw new Error(`go ${args.join(' ')} exited with ${code}: ${stderr}`);
  return file;
}
