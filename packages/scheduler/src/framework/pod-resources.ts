// What a pod asks for, as the scheduler counts it: millicores of CPU, bytes of memory, whole units of the rest.
import { amountsOf, type Pod, podResources } from '@steersman/api';

export type Amounts = Readonly<Record<string, number>>;

export const requestsOf = ({ spec }: Pod): Amounts => amountsOf(podResources(spec, 'requests'));

const defaultMilliCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

/** What scoring counts for a pod: containers that ask for nothing count as asking for a little. */
export function scoringRequestsOf(pod: Pod): { cpu: number; memory: number } {
  const asked = requestsOf(pod);
  const missing = (name: string): number => (pod.spec?.containers ?? []).filter(({ resources }) => resources?.requests?.[name] === undefined).length;
  return { cpu: (asked['cpu'] ?? 0) + missing('cpu') * defaultMilliCpu, memory: (asked['memory'] ?? 0) + missing('memory') * defaultMemory };
}
