// Whether a new cluster has room for its data. One that exists may start on a full disk, so that something can be deleted from it.
import { existsSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '@steersman/component-base';
import type { ClusterOptions } from './cluster-options.js';

const neededMiB = 16;

export function checkRoom({ dataDir, store }: ClusterOptions): void {
  if (existsSync(join(dataDir, 'store'))) return;
  const { bavail, bsize } = statfsSync(nearest(dataDir));
  const freeMiB = Math.floor((bavail * bsize) / 1024 ** 2);
  if (freeMiB >= (store === 'embedded' ? neededMiB : 1)) return;
  throw new UsageError(`the disk of ${dataDir} is full (${freeMiB} MiB free, ${neededMiB} needed): free some space, or choose another --data-dir`);
}

/** The directory, or the one above it that exists. */
const nearest = (directory: string): string => (existsSync(directory) ? directory : nearest(dirname(directory)));
