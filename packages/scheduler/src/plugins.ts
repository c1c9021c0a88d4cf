// The plugins of the default profile, in the order in which they filter.
import type { Client } from '@steersman/client';
import type { Plugin } from './framework/framework.js';
import { balancedAllocation } from './plugins/balanced-allocation.js';
import { defaultBinder } from './plugins/default-binder.js';
import { imageLocality } from './plugins/image-locality.js';
import { nodeAffinity } from './plugins/node-affinity.js';
import { nodeName } from './plugins/node-name.js';
import { nodePorts } from './plugins/node-ports.js';
import { nodeResourcesFit } from './plugins/node-resources-fit.js';
import { nodeUnschedulable } from './plugins/node-unschedulable.js';
import { prioritySort } from './plugins/priority-sort.js';
import { schedulingGates } from './plugins/scheduling-gates.js';
import { taintToleration } from './plugins/taint-toleration.js';

export const defaultPlugins = (client: Client): readonly Plugin[] => [
  schedulingGates,
  prioritySort,
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  balancedAllocation,
  imageLocality,
  defaultBinder(client),
];
