// What a plugin says of a pod on a node: fits (undefined), does not fit for now, or cannot fit whatever is evicted.

export interface Unschedulable {
  /** `unresolvable`: evicting pods would not help. */
  readonly code: 'unschedulable' | 'unresolvable';
  readonly reasons: readonly string[];
  readonly plugin: string;
}

export const unschedulable = (plugin: string, ...reasons: string[]): Unschedulable => ({ code: 'unschedulable', reasons, plugin });

export const unresolvable = (plugin: string, ...reasons: string[]): Unschedulable => ({ code: 'unresolvable', reasons, plugin });

/** `0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable.` */
export function summary(total: number, statuses: Iterable<Unschedulable>): string {
  const counts = new Map<string, number>();
  for (const { reasons } of statuses) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${total} nodes are available${parts.length ? `: ${parts.join(', ')}` : ''}.`;
}
