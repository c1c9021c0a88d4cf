// What a pod asks for, as numbers: millicores of CPU, bytes of memory and ephemeral storage, whole units of the rest.
import { milliValueOf, type Pod, wholeValue } from '@steersman/api';

export type Amounts = Readonly<Record<string, number>>;

const amountOf = (name: string, quantity: string): number => (name === 'cpu' ? milliValueOf(quantity) : wholeValue(quantity));

export function amountsOf(list: Readonly<Record<string, string>> | undefined): Record<string, number> {
  const amounts: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(list ?? {})) amounts[name] = amountOf(name, quantity);
  return amounts;
}

const add = (into: Record<string, number>, from: Amounts): void => {
  for (const [name, amount] of Object.entries(from)) into[name] = (into[name] ?? 0) + amount;
};

const atLeast = (into: Record<string, number>, from: Amounts): void => {
  for (const [name, amount] of Object.entries(from)) into[name] = Math.max(into[name] ?? 0, amount);
};

/** Containers together, or the largest init container beside the sidecars before it, whichever is more; plus overhead. */
export function requestsOf({ spec }: Pod): Amounts {
  const total: Record<string, number> = {};
  for (const { resources } of spec?.containers ?? []) add(total, amountsOf(resources?.requests));
  const sidecars: Record<string, number> = {};
  const peak: Record<string, number> = {};
  for (const { resources, restartPolicy } of spec?.initContainers ?? []) {
    const requests = amountsOf(resources?.requests);
    if (restartPolicy === 'Always') {
      add(total, requests);
      add(sidecars, requests);
      atLeast(peak, sidecars);
    } else {
      const together = { ...sidecars };
      add(together, requests);
      atLeast(peak, together);
    }
  }
  atLeast(total, peak);
  if (spec?.resources?.requests) Object.assign(total, amountsOf(spec.resources.requests));
  add(total, amountsOf(spec?.overhead));
  return total;
}

const defaultMilliCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

/** What scoring counts for a pod: containers that ask for nothing count as asking for a little. */
export function scoringRequestsOf(pod: Pod): { cpu: number; memory: number } {
  const asked = requestsOf(pod);
  const count = pod.spec?.containers.length ?? 1;
  const missing = (name: string): number => (pod.spec?.containers ?? []).filter(({ resources }) => resources?.requests?.[name] === undefined).length;
  void count;
  return { cpu: (asked['cpu'] ?? 0) + missing('cpu') * defaultMilliCpu, memory: (asked['memory'] ?? 0) + missing('memory') * defaultMemory };
}
