// NodePorts: a host port goes to one pod on each node.
import type { Plugin } from '../framework/framework.js';
import { type NodeInfo, podInfo } from '../framework/node-info.js';
import { unschedulable } from '../framework/status.js';

const name = 'NodePorts';
const anyAddress = '0.0.0.0';

type HostPort = ReturnType<typeof podInfo>['hostPorts'][number];

const clashes = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.address === b.address || a.address === anyAddress || b.address === anyAddress);

const taken = (node: NodeInfo, wanted: HostPort): boolean =>
  [...node.pods.values()].some(({ hostPorts }) => hostPorts.some((port) => clashes(port, wanted)));

export const nodePorts: Plugin = {
  name,
  preFilter: ({ pod }) => (podInfo(pod).hostPorts.length === 0 ? { skip: true } : undefined),
  filter: ({ pod }, node) =>
    podInfo(pod).hostPorts.some((wanted) => taken(node, wanted))
      ? unschedulable(name, "node(s) didn't have free ports for the requested pod ports")
      : undefined,
};
