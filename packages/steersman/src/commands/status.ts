// `steersman status`: whether the cluster of a data directory runs, where, and how its nodes are.
import { resolve } from 'node:path';
import { conditionOf } from '@steersman/api';
import { Client, RestTransport, readKubeconfig } from '@steersman/client';
import { defaultDataDir } from '../up/cluster-options.js';
import { runningCluster } from '../up/run-file.js';

export async function status(given = defaultDataDir()): Promise<void> {
  const dataDir = resolve(given);
  const running = runningCluster(dataDir);
  if (!running) {
    process.stdout.write(`no cluster of ${dataDir} runs: steersman up starts one\n`);
    process.exitCode = 1;
    return;
  }
  const transport = new RestTransport(readKubeconfig(running.kubeconfig));
  try {
    const ready = await transport.raw('/readyz').catch((error: Error) => error.message);
    const client = new Client(transport);
    const [nodes, pods] = await Promise.all([client.list('Node'), client.list('Pod')]);
    const lines = [
      `API server  ${running.server}  ${ready === 'ok' ? 'ready' : `not ready: ${ready}`}  (process ${running.pid})`,
      `runtime     ${running.runtime}`,
      ...nodes.items.map(
        ({ metadata, status: node }) =>
          `node        ${metadata.name}  ${conditionOf(node?.conditions, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady'}`,
      ),
      `pods        ${pods.items.filter(({ status: pod }) => pod?.phase === 'Running').length} running of ${pods.items.length}`,
      `KUBECONFIG=${running.kubeconfig}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    await transport.close();
  }
}
