// The columns of each built-in kind; a kind that is not here shows its name and when it was made.
import type { ResourceInfo } from '@steersman/api';
import { accessTables } from './access.js';
import { autoscalingTables } from './autoscaling.js';
import { batchTables } from './batch.js';
import { configurationTables } from './configuration.js';
import { eventTables } from './events.js';
import { networkTables } from './network.js';
import { nodeTables } from './nodes.js';
import { podTables } from './pods.js';
import { serverTables } from './server.js';
import { serviceTables } from './services.js';
import { storageTables } from './storage.js';
import type { TableColumns } from './table-columns.js';
import { volumeTables } from './volumes.js';
import { workloadTables } from './workloads.js';

/** By `group/resource`. */
const columns: Readonly<Record<string, TableColumns>> = {
  ...podTables,
  ...workloadTables,
  ...batchTables,
  ...serviceTables,
  ...networkTables,
  ...configurationTables,
  ...autoscalingTables,
  ...volumeTables,
  ...storageTables,
  ...nodeTables,
  ...accessTables,
  ...eventTables,
  ...serverTables,
};

export const columnsOf = ({ group, resource }: ResourceInfo): TableColumns | undefined => columns[`${group}/${resource}`];
