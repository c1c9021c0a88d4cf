// How many seats each priority level has: its share of all there are, and what levels lend each other that do not need theirs.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#prioritylevelconfiguration
import type { PriorityLevelConfiguration } from '@steersman/api';

export interface Demand {
  readonly configuration: PriorityLevelConfiguration;
  /** The most seats that were wanted of late. */
  readonly wanted: number;
}

interface Bounds {
  readonly nominal: number;
  readonly least: number;
  readonly most: number;
}

const sharesOf = ({ spec }: PriorityLevelConfiguration): number => (spec?.limited ?? spec?.exempt)?.nominalConcurrencyShares ?? 0;

/** What a level is entitled to, how little it may be left with, how much it may have. */
export function boundsOf(configurations: readonly PriorityLevelConfiguration[], total: number): Map<string, Bounds> {
  const all = configurations.reduce((sum, one) => sum + sharesOf(one), 0);
  return new Map(
    configurations.map((configuration) => {
      const { spec, metadata } = configuration;
      const nominal = all === 0 ? 0 : Math.ceil((total * sharesOf(configuration)) / all);
      const lendable = Math.round((nominal * ((spec?.limited ?? spec?.exempt)?.lendablePercent ?? 0)) / 100);
      const percent = spec?.limited?.borrowingLimitPercent;
      const most = percent === undefined || percent === null ? total : nominal + Math.round((nominal * percent) / 100);
      return [metadata.name ?? '', { nominal, least: nominal - lendable, most }];
    }),
  );
}

/** The limits of all levels: first what each needs of its own, then the rest to those that want more, by their shares. */
export function seatLimits(demands: readonly Demand[], total: number): Map<string, number> {
  const bounds = boundsOf(
    demands.map(({ configuration }) => configuration),
    total,
  );
  const limits = new Map<string, number>();
  const hungry: { name: string; wanted: number; bounds: Bounds }[] = [];
  let left = total;
  for (const { configuration, wanted } of demands) {
    const name = configuration.metadata.name ?? '';
    const own = bounds.get(name)!;
    const limit = Math.max(own.least, Math.min(own.nominal, wanted));
    limits.set(name, limit);
    left -= limit;
    hungry.push({ name, wanted, bounds: own });
  }
  lend(
    limits,
    hungry.filter(({ name, wanted }) => wanted > limits.get(name)!),
    left,
    ({ wanted, bounds: { most } }) => Math.min(wanted, most),
  );
  const spare = total - [...limits.values()].reduce((sum, one) => sum + one, 0);
  // What nobody wants now stays with its owners, so that they need not wait for it.
  lend(limits, hungry, spare, ({ name, bounds: { nominal } }) => Math.max(nominal, limits.get(name)!));
  return limits;
}

function lend<T extends { name: string; bounds: Bounds }>(limits: Map<string, number>, takers: T[], seats: number, upTo: (taker: T) => number): void {
  let left = seats;
  let open = takers;
  while (left >= 1 && open.length) {
    const weights = open.reduce((sum, { bounds: { nominal } }) => sum + Math.max(1, nominal), 0);
    const before = left;
    for (const taker of open) {
      const has = limits.get(taker.name)!;
      const share = Math.max(1, Math.floor((before * Math.max(1, taker.bounds.nominal)) / weights));
      const gets = Math.max(0, Math.min(share, upTo(taker) - has, left));
      limits.set(taker.name, has + gets);
      left -= gets;
    }
    open = open.filter((taker) => limits.get(taker.name)! < upTo(taker));
    if (left === before) return;
  }
}
