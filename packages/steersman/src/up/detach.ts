// `up --detach`: starts the cluster in a process of its own and returns once it is ready.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@steersman/api';
import type { ClusterOptions } from './cluster-options.js';

const pollMs = 50;
const deadlineMs = 120_000;

/** Runs `up` again in the background with its output in DATA_DIR/steersman.log; rejects with its last words where it fails. */
export async function detach({ dataDir }: ClusterOptions, argv: readonly string[]): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const log = join(dataDir, 'steersman.log');
  const output = openSync(log, 'w');
  const child = spawn(process.execPath, [process.argv[1]!, ...argv.filter((one) => one !== '--detach')], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  child.unref();
  const until = systemClock.monotonic() + deadlineMs;
  for (;;) {
    const text = readFileSync(log, 'utf8');
    const ready = /^ready in .*$/m.exec(text)?.[0];
    if (ready) {
      process.stdout.write(`${ready}\n`);
      return;
    }
    if (ended)
      throw new Error(
        text
          .trim()
          .split('\n')
          .at(-1)
          ?.replace(/^steersman: /, '') || `the cluster did not start: see ${log}`,
      );
    if (systemClock.monotonic() > until) throw new Error(`the cluster is not ready after ${deadlineMs / 1000} s: see ${log}`);
    await systemClock.sleep(pollMs);
  }
}
