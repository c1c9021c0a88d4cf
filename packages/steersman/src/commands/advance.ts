// `steersman advance DURATION`: moves the clock of a cluster on virtual time, and tells what time it is there then.
import { request } from 'node:http';
import { resolve } from 'node:path';
import { UsageError } from '@steersman/component-base';
import { defaultDataDir } from '../up/cluster-options.js';
import { runningCluster } from '../up/run-file.js';
import { timeSocket } from '../up/virtual-time.js';

const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };

/** A duration such as `90s`, `10m` or `1h30m`, in milliseconds. */
export function parseDuration(text: string): number {
  if (!/^(\d+[dhms])+$/.test(text)) throw new UsageError(`${text || 'nothing'} is not a duration: write it like 90s, 10m, 1h30m or 7d`);
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
}

export async function advance(duration: string, given = defaultDataDir()): Promise<void> {
  const dataDir = resolve(given);
  const durationMs = parseDuration(duration);
  if (!runningCluster(dataDir)) throw new UsageError(`no cluster of ${dataDir} runs: start one with steersman up --virtual-time`);
  const time = await post(timeSocket(dataDir), `/advance?ms=${durationMs}`).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new UsageError(`the cluster of ${dataDir} is not on virtual time: start it with --virtual-time`);
    throw error;
  });
  process.stdout.write(`it is now ${time} in the cluster\n`);
}

/** Gives the last time that is reported; shows those before it, as progress. */
function post(socketPath: string, path: string): Promise<string> {
  return new Promise((done, reject) => {
    const sent = request({ socketPath, path, method: 'POST' }, (response) => {
      let last = '';
      response.on('data', (data: Buffer) => {
        if (last) process.stderr.write(`  … ${last}\n`);
        last = data.toString().trim();
      });
      response.on('end', () => (response.statusCode === 200 ? done(last) : reject(new Error(`the cluster answered ${response.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end();
  });
}
