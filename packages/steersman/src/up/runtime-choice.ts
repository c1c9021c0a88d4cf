// Which runtime a cluster gets when the user does not say: Docker where it answers and this process may set up networks, else hollow.
import { UsageError } from '@steersman/component-base';
import { dockerAnswers } from '@steersman/kubelet';
import { networkProblem, otherOwner } from '@steersman/overlay';
import type { ClusterOptions, RuntimeKind } from './cluster-options.js';

export interface RuntimeChoice {
  readonly runtime: RuntimeKind;
  /** Why, for the user. */
  readonly because: string;
}

/** Where the Docker Engine listens. */
export const dockerSocket = (): string => process.env['STEERSMAN_DOCKER_SOCKET'] ?? '/var/run/docker.sock';

/** Why the pods of the cluster in a directory cannot run on Docker here, as one line that names the fix; undefined where they can. */
async function dockerProblem(dataDir: string): Promise<string | undefined> {
  if (!(await dockerAnswers(dockerSocket())))
    return `no Docker Engine answers on ${dockerSocket()}: start it, or install it (npm run up -- --install-docker), or choose --runtime hollow`;
  const network = await networkProblem();
  if (network) return `this process may not set up networks (${network}): run as root, or choose --runtime hollow`;
  const other = otherOwner(dataDir);
  return other && `the pod network of this machine belongs to the cluster in ${other}: reset that one first, or choose --runtime hollow`;
}

export async function chooseRuntime(options: ClusterOptions): Promise<RuntimeChoice> {
  const { runtime, nodes } = options;
  if (runtime === 'hollow' || runtime === 'none') return { runtime, because: 'as asked' };
  const problem = await dockerProblem(options.dataDir);
  if (runtime === 'docker') {
    if (problem) throw new UsageError(problem);
    if (nodes > 1) throw new UsageError('--runtime docker runs one node on a machine: leave --nodes out, or choose --runtime hollow');
    return { runtime, because: 'as asked' };
  }
  if (problem) return { runtime: 'hollow', because: problem };
  if (nodes > 1) return { runtime: 'hollow', because: 'several nodes on one machine are simulated' };
  return { runtime: 'docker', because: 'a Docker Engine answers' };
}
