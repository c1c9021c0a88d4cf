// Puts the components of the all-in-one process together: each talks to the API as its own user.
import type { Clock, Logger, Random } from '@steersman/api';
import type { ApiServer, UserInfo } from '@steersman/apiserver';
import { Client } from '@steersman/client';
import { aborted, type Runnable } from '@steersman/component-base';
import { ControllerManager } from '@steersman/controller-manager';
import type { NodeApi } from '@steersman/rpc';
import { Scheduler } from '@steersman/scheduler';
import type { ClusterOptions } from './cluster-options.js';
import type { Pki } from './pki.js';

export interface ComponentTools {
  readonly options: ClusterOptions;
  readonly server: ApiServer;
  /** The node APIs of this process, by node. */
  readonly nodeApis: Map<string, NodeApi>;
  readonly pki: Pki;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export const componentUser = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] });

/** A client for a program in this process that acts as the user. */
export const clientFor = async (server: ApiServer, user: UserInfo, program: string): Promise<Client> =>
  new Client(await server.transport(user, program));

/** The user that a controller's service account is. */
const controllerUser = (name: string): UserInfo =>
  componentUser(`system:serviceaccount:kube-system:${name}`, 'system:serviceaccounts', 'system:serviceaccounts:kube-system');

/** Started once the API answers: made late, because its client is. */
const late = (name: string, make: () => Promise<Runnable>): Runnable => ({
  name,
  run: async (signal) => {
    const made = await Promise.race([make(), aborted(signal).then(() => undefined)]);
    if (made && !signal.aborted) await made.run(signal);
  },
});

function controllerManager({ server, pki, ...tools }: ComponentTools): Runnable {
  return late('controller manager', async () => {
    return new ControllerManager({
      ...tools,
      client: await clientFor(server, componentUser('system:kube-controller-manager'), 'kube-controller-manager'),
      clientOf: (controller) => clientFor(server, controllerUser(controller), 'kube-controller-manager'),
      rootCa: pki.ca.cert,
      signer: pki.ca,
    });
  });
}

const scheduler = ({ server, ...tools }: ComponentTools): Runnable =>
  late(
    'scheduler',
    async () => new Scheduler({ ...tools, client: await clientFor(server, componentUser('system:kube-scheduler'), 'kube-scheduler') }),
  );

/** The parts of the control plane beside the API server, as far as `--only` asks for them. */
export function controlPlaneOf(tools: ComponentTools): Runnable[] {
  const { only } = tools.options;
  return [...(only.has('controllers') ? [controllerManager(tools)] : []), ...(only.has('scheduler') ? [scheduler(tools)] : [])];
}
