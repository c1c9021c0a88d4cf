// `steersman down`: ends the process that runs the cluster, and waits until it is gone.
import { resolve } from 'node:path';
import { systemClock } from '@steersman/api';
import { defaultDataDir } from '../up/cluster-options.js';
import { removeRunFile, runningCluster } from '../up/run-file.js';

const graceMs = 15_000;
const pollMs = 50;

export async function down(dataDir = defaultDataDir()): Promise<void> {
  const stopped = await stopCluster(resolve(dataDir));
  process.stdout.write(stopped ? 'the cluster is stopped; steersman up goes on with it\n' : `no cluster of ${resolve(dataDir)} runs\n`);
}

/** Whether there was one to stop. A process that does not end in time is killed. */
export async function stopCluster(dataDir: string): Promise<boolean> {
  const running = runningCluster(dataDir);
  if (!running) return false;
  process.kill(running.pid, 'SIGTERM');
  const until = systemClock.monotonic() + graceMs;
  while (runningCluster(dataDir)) {
    if (systemClock.monotonic() > until) process.kill(running.pid, 'SIGKILL');
    await systemClock.sleep(pollMs);
  }
  removeRunFile(dataDir);
  return true;
}
