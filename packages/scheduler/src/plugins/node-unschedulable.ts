// NodeUnschedulable: cordoned nodes take no pods but those that tolerate it.
import { tolerates } from '@steersman/api';
import type { Plugin } from '../framework/framework.js';
import { unresolvable } from '../framework/status.js';

const name = 'NodeUnschedulable';
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const nodeUnschedulable: Plugin = {
  name,
  filter: ({ pod }, { node }) =>
    node?.spec?.unschedulable && !(pod.spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint))
      ? unresolvable(name, 'node(s) were unschedulable')
      : undefined,
};
