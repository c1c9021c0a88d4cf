// PrioritySort: pods of higher priority first, then those that wait longer.
import type { Plugin, QueuedPod } from '../framework/framework.js';

const priorityOf = ({ pod }: QueuedPod): number => pod.spec?.priority ?? 0;

export const prioritySort: Plugin = {
  name: 'PrioritySort',
  less: (a, b) => priorityOf(a) > priorityOf(b) || (priorityOf(a) === priorityOf(b) && a.queuedAtMs < b.queuedAtMs),
};
