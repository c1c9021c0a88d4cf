// `steersman reset`: stops the cluster and takes away everything it made on this machine.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '@steersman/component-base';
import { removeRules } from '@steersman/kube-proxy';
import { dockerAnswers } from '@steersman/kubelet';
import { cleanUp } from '@steersman/kubelet/docker';
import { networkProblem, otherOwner, removeOverlay } from '@steersman/overlay';
import { defaultDataDir } from '../up/cluster-options.js';
import { clusterIdOf } from '../up/nodes.js';
import { stopCluster } from './down.js';

const marks = ['pki', 'run.json', 'store', 'nodes'];

export async function reset(given = defaultDataDir()): Promise<void> {
  const dataDir = resolve(given);
  if (existsSync(dataDir) && !marks.some((mark) => existsSync(`${dataDir}/${mark}`)) && readdirSync(dataDir).length > 0)
    throw new UsageError(`${dataDir} holds no cluster: nothing is removed; give --data-dir the directory of one`);
  const step = (text: string): void => void process.stderr.write(`  ${text}\n`);
  if (await stopCluster(dataDir)) step('stopped the cluster');
  if (await dockerAnswers()) {
    await cleanUp({ clusterId: clusterIdOf(dataDir), dataDirs: [dataDir] });
    step('removed containers and mounts');
  }
  const other = otherOwner(dataDir);
  if (other) step(`networks and rules stay: they belong to the cluster in ${other}`);
  else if ((await networkProblem()) === undefined) {
    await removeRules();
    await removeOverlay();
    step('removed networks and rules');
  }
  rmSync(dataDir, { recursive: true, force: true });
  process.stdout.write(`${dataDir} is reset\n`);
}
