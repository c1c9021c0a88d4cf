#!/usr/bin/env node
// steersman-overlay: the pod network of a node as its own process; serves its kubelet over gRPC on a socket of this machine.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock, Logger } from '@steersman/api';
import { type Client, Informer } from '@steersman/client';
import { Overlay } from '@steersman/overlay';
import { GrpcServer, networkService, ServerCredentials } from '@steersman/rpc';
import { commonFlags, connect, need, runProcess } from './run-component.js';

await runProcess(
  {
    command: 'steersman-overlay',
    summary: 'Puts the pods of a node on the pod network.',
    flags: {
      ...commonFlags,
      'node-name': { description: "the node's name", required: true },
      'root-dir': { description: 'where it keeps which pod has which address', default: '/var/lib/steersman/overlay' },
      'cluster-cidr': { description: 'pod addresses of the cluster', default: '10.244.0.0/16' },
      socket: { description: 'socket that the kubelet connects to', default: '/run/steersman/network.sock' },
    },
    example: 'steersman-overlay --kubeconfig overlay.conf --node-name n1',
  },
  async (tools) => {
    const { flags, clock, logger } = tools;
    const overlay = new Overlay({ clock, logger, dataDir: join(need(flags, 'root-dir')), clusterCidr: need(flags, 'cluster-cidr') });
    const socket = need(flags, 'socket');
    mkdirSync(dirname(socket), { recursive: true });
    rmSync(socket, { force: true });
    const server = new GrpcServer({
      address: `unix:${socket}`,
      credentials: ServerCredentials.createInsecure(),
      services: [networkService(overlay)],
      clock,
    });
    return [overlay, server, nodeWatch({ client: connect(flags, 'overlay'), clock, logger, nodeName: need(flags, 'node-name'), overlay })];
  },
);

/** Starts the overlay once the node has got its range of pod addresses. */
function nodeWatch({
  client,
  clock,
  logger,
  nodeName,
  overlay,
}: {
  client: Client;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  overlay: Overlay;
}): Informer<'Node'> {
  const informer = new Informer({ client, clock, logger, kind: 'Node', fieldSelector: `metadata.name=${nodeName}` });
  let started = '';
  informer.onEvent(({ object }) => {
    const cidr = object.spec?.podCIDR;
    if (!cidr || cidr === started) return;
    started = cidr;
    overlay.start(cidr).catch((err: unknown) => {
      started = '';
      logger.error('the pod network could not be set up', { err });
    });
  });
  return informer;
}
