// The extension points of the scheduling cycle, and the code that runs the plugins at each.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
import type { Pod } from '@steersman/api';
import type { NodeInfo } from './node-info.js';
import type { Unschedulable } from './status.js';

/** What one scheduling cycle carries between the extension points. */
export interface CycleState {
  readonly pod: Pod;
  /** All nodes, at the start of the cycle. */
  readonly nodes: readonly NodeInfo[];
  readonly data: Map<string, unknown>;
}

export interface PreEnqueuePlugin {
  /** A reason to keep the pod out of the queue. */
  preEnqueue(pod: Pod): string | undefined;
}

export interface QueueSortPlugin {
  less(a: QueuedPod, b: QueuedPod): boolean;
}

export interface QueuedPod {
  readonly pod: Pod;
  readonly queuedAtMs: number;
}

export interface PreFilterPlugin {
  /** Looks at the pod once a cycle: may narrow the nodes, say that none fits, or leave itself out (`skip`). */
  preFilter(state: CycleState): Unschedulable | { readonly nodes?: ReadonlySet<string>; readonly skip?: boolean } | undefined;
}

export interface FilterPlugin {
  filter(state: CycleState, node: NodeInfo): Unschedulable | undefined;
}

export interface ScorePlugin {
  readonly weight: number;
  /** 0 to 100 after `normalize`, where there is one. */
  score(state: CycleState, node: NodeInfo): number;
  normalize?(scores: number[]): void;
}

export interface BindPlugin {
  bind(pod: Pod, node: string, signal: AbortSignal): Promise<void>;
}

export interface Plugin
  extends Partial<PreEnqueuePlugin>,
    Partial<QueueSortPlugin>,
    Partial<PreFilterPlugin>,
    Partial<FilterPlugin>,
    Partial<BindPlugin> {
  readonly name: string;
  readonly score?: ScorePlugin['score'];
  readonly normalize?: ScorePlugin['normalize'];
  readonly weight?: number;
}

export class Framework {
  private readonly filters: readonly Plugin[];
  private readonly scorers: readonly Plugin[];

  constructor(readonly plugins: readonly Plugin[]) {
    this.filters = plugins.filter(({ filter }) => filter);
    this.scorers = plugins.filter(({ score }) => score);
  }

  /** Why the pod must wait outside the queue, if it must. */
  preEnqueue(pod: Pod): string | undefined {
    for (const plugin of this.plugins) {
      const reason = plugin.preEnqueue?.(pod);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  less(a: QueuedPod, b: QueuedPod): boolean {
    return this.plugins.find(({ less }) => less)?.less?.(a, b) ?? a.queuedAtMs < b.queuedAtMs;
  }

  /** The nodes left to look at (undefined: all), or why none fits. */
  preFilter(state: CycleState): { readonly nodes?: ReadonlySet<string>; readonly by?: readonly string[] } | Unschedulable {
    let nodes: ReadonlySet<string> | undefined;
    const by: string[] = [];
    for (const plugin of this.plugins) {
      const outcome = plugin.preFilter?.(state);
      if (!outcome) continue;
      if ('code' in outcome) return outcome;
      if (outcome.skip) state.data.set(`skip/${plugin.name}`, true);
      if (!outcome.nodes) continue;
      nodes = nodes ? new Set([...nodes].filter((name) => outcome.nodes?.has(name))) : outcome.nodes;
      by.push(plugin.name);
    }
    return nodes ? { nodes, by } : {};
  }

  filter(state: CycleState, node: NodeInfo): Unschedulable | undefined {
    for (const plugin of this.filters) {
      if (state.data.has(`skip/${plugin.name}`)) continue;
      const status = plugin.filter?.(state, node);
      if (status) return status;
    }
    return undefined;
  }

  /** The weighted sum of all scores, by node. */
  score(state: CycleState, nodes: readonly NodeInfo[]): number[] {
    const totals = new Array<number>(nodes.length).fill(0);
    for (const plugin of this.scorers) {
      const scores = nodes.map((node) => plugin.score!(state, node));
      plugin.normalize?.(scores);
      scores.forEach((score, index) => {
        totals[index] = (totals[index] ?? 0) + score * (plugin.weight ?? 1);
      });
    }
    return totals;
  }

  async bind(pod: Pod, node: string, signal: AbortSignal): Promise<void> {
    const binder = this.plugins.find(({ bind }) => bind);
    if (!binder?.bind) throw new Error('no plugin binds pods');
    await binder.bind(pod, node, signal);
  }
}

/** Scales scores to 0..100; `reverse` gives the lowest the most. */
export function normalizeScores(scores: number[], reverse: boolean): void {
  const max = Math.max(...scores, 0);
  for (let index = 0; index < scores.length; index++) {
    const scaled = max === 0 ? 0 : Math.floor(((scores[index] ?? 0) * 100) / max);
    scores[index] = reverse ? 100 - scaled : scaled;
  }
}
