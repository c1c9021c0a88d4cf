#!/usr/bin/env node
// steersman-scheduler: the scheduler as its own process; of several one leads.
import { hostname } from 'node:os';
import { LeaderElection } from '@steersman/client';
import { Scheduler } from '@steersman/scheduler';
import { commonFlags, connect, runProcess } from './run-component.js';

await runProcess(
  {
    command: 'steersman-scheduler',
    summary: 'Assigns pods to nodes.',
    flags: commonFlags,
    example: 'steersman-scheduler --kubeconfig scheduler.conf --api-grpc 192.0.2.10:6444',
  },
  async (tools) => {
    const client = connect(tools.flags, 'kube-scheduler');
    const identity = `${hostname()}_${tools.random.uid()}`;
    const election = new LeaderElection({ ...tools, client, lease: { namespace: 'kube-system', name: 'kube-scheduler' }, identity }, (signal) =>
      new Scheduler({ ...tools, client }).run(signal),
    );
    return [election];
  },
);
