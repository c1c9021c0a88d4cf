// Preemption: where a pod of higher priority would fit if pods of lower priority went, and which of them.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
import { fromTime, type Pod } from '@steersman/api';
import type { CycleState, Framework } from './framework/framework.js';
import { type NodeInfo, type PodInfo, podInfo } from './framework/node-info.js';
import { summary, type Unschedulable } from './framework/status.js';

export interface Candidate {
  readonly node: string;
  readonly victims: readonly Pod[];
}

export type PreemptionOutcome = { readonly candidate: Candidate } | { readonly message: string };

const priorityOf = (pod: Pod): number => pod.spec?.priority ?? 0;

const notHelpful: Unschedulable = { code: 'unresolvable', plugin: 'DefaultPreemption', reasons: ['Preemption is not helpful for scheduling'] };
const noVictims: Unschedulable = { code: 'unschedulable', plugin: 'DefaultPreemption', reasons: ['No preemption victims found for incoming pod'] };

/** Finds the best node to preempt on, given why each node was refused. */
export function preempt(framework: Framework, state: CycleState, refused: ReadonlyMap<string, Unschedulable>): PreemptionOutcome {
  const { pod, nodes } = state;
  if (pod.spec?.preemptionPolicy === 'Never') return { message: 'not eligible due to preemptionPolicy=Never.' };
  const statuses: Unschedulable[] = [];
  const candidates: Candidate[] = [];
  for (const node of nodes) {
    if (refused.get(node.name)?.code !== 'unschedulable') {
      statuses.push(notHelpful);
      continue;
    }
    const victims = victimsOn(framework, state, node);
    if (victims) candidates.push({ node: node.name, victims });
    else statuses.push(noVictims);
  }
  const candidate = best(candidates);
  return candidate ? { candidate } : { message: summary(nodes.length, statuses) };
}

/** The fewest and least important pods that must go from a node; undefined where even all of them would not do. */
function victimsOn(framework: Framework, state: CycleState, node: NodeInfo): Pod[] | undefined {
  const lower = [...node.pods.values()].filter(({ pod }) => priorityOf(pod) < priorityOf(state.pod));
  if (lower.length === 0) return undefined;
  const without = node.copy();
  for (const { pod } of lower) without.removePod(pod.metadata.uid ?? '');
  const fits = (): boolean => framework.filter({ ...state, data: new Map(state.data) }, without) === undefined;
  if (!fits()) return undefined;
  const victims: Pod[] = [];
  for (const info of byImportance(lower)) {
    without.addPod(info);
    if (fits()) continue;
    without.removePod(info.pod.metadata.uid ?? '');
    victims.push(info.pod);
  }
  return victims;
}

/** The most important first: by priority, then by age. */
const byImportance = (infos: readonly PodInfo[]): PodInfo[] =>
  [...infos].sort((a, b) => priorityOf(b.pod) - priorityOf(a.pod) || startOf(a.pod) - startOf(b.pod)).map(({ pod }) => podInfo(pod));

const startOf = (pod: Pod): number => fromTime(pod.status?.startTime ?? pod.metadata.creationTimestamp) || 0;

/** The node whose victims matter least: lowest top priority, lowest sum, fewest, youngest. */
function best(candidates: readonly Candidate[]): Candidate | undefined {
  const top = ({ victims }: Candidate): number => Math.max(...victims.map(priorityOf));
  const sum = ({ victims }: Candidate): number => victims.reduce((total, victim) => total + priorityOf(victim) + 2 ** 31, 0);
  const latest = ({ victims }: Candidate): number => Math.min(...victims.map(startOf));
  return [...candidates].sort((a, b) => top(a) - top(b) || sum(a) - sum(b) || a.victims.length - b.victims.length || latest(b) - latest(a))[0];
}
