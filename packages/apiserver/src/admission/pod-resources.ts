// What a whole pod asks for: the sum of its containers and sidecars, or what initialization needs where that is more, and its overhead.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
import { addQuantities, compareQuantities, type Container, type Pod } from '@steersman/api';

type Amounts = { [name: string]: string };
type Part = 'requests' | 'limits';

function add(sum: Amounts, more: Amounts | undefined): void {
  for (const [name, amount] of Object.entries(more ?? {})) sum[name] = sum[name] === undefined ? amount : addQuantities(sum[name], amount);
}

function raise(most: Amounts, other: Amounts): void {
  for (const [name, amount] of Object.entries(other)) if (most[name] === undefined || compareQuantities(amount, most[name]) > 0) most[name] = amount;
}

const amountsOf = ({ resources }: Container, part: Part): Amounts | undefined => resources?.[part];

function total({ spec }: Pod, part: Part): Amounts {
  const running: Amounts = {};
  const starting: Amounts = {};
  const sidecars: Amounts = {};
  for (const container of spec?.containers ?? []) add(running, amountsOf(container, part));
  for (const container of spec?.initContainers ?? []) {
    const step = { ...sidecars };
    add(step, amountsOf(container, part));
    raise(starting, step);
    if (container.restartPolicy === 'Always') add(sidecars, amountsOf(container, part));
  }
  add(running, sidecars);
  raise(running, starting);
  for (const [name, amount] of Object.entries(spec?.resources?.[part] ?? {})) running[name] = amount;
  if (part === 'requests') add(running, spec?.overhead);
  return running;
}

export const podResources = (pod: Pod): { requests: Amounts; limits: Amounts } => ({
  requests: total(pod, 'requests'),
  limits: total(pod, 'limits'),
});
