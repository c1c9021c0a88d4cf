// SchedulingGates: a pod with gates waits outside the queue until they are gone.
import type { Pod } from '@steersman/api';
import type { Plugin } from '../framework/framework.js';

export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue: ({ spec }: Pod) =>
    spec?.schedulingGates?.length ? `waiting for scheduling gates: [${spec.schedulingGates.map(({ name }) => name).join(' ')}]` : undefined,
};
