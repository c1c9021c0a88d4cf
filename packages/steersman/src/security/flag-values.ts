// Values of flags as numbers and durations; throws UsageError where they are none.
import { UsageError } from '@steersman/component-base';

export type FlagValues = Readonly<Record<string, string | undefined>>;

export function wholeNumber(flags: FlagValues, name: string): number {
  const value = flags[name] ?? '';
  if (!/^\d+$/.test(value)) throw new UsageError(`--${name} ${value} is no whole number`);
  return Number(value);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as Go writes it: 30s, 1m30s, 500ms. */
export function milliseconds(flags: FlagValues, name: string): number {
  const value = flags[name] ?? '';
  if (value === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) throw new UsageError(`--${name} ${value} is no duration, such as 30s or 1m30s`);
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce((sum, [, number, unit]) => sum + Number(number) * unitMs[unit!]!, 0);
}

export const list = (flags: FlagValues, name: string): string[] => (flags[name] ?? '').split(',').filter(Boolean);

/** A flag that is on or off; `true` and `false` as upstream takes them. */
export function isOn(flags: FlagValues, name: string): boolean {
  const value = flags[name];
  if (value === undefined || value === 'false' || value === '0') return false;
  if (value === 'true' || value === '1') return true;
  throw new UsageError(`--${name} ${value} is neither true nor false`);
}
