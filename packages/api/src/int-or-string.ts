// Values that are a number or a percentage, such as maxSurge.

/** What an absolute number, or a percentage of `total`, amounts to; undefined where it is neither. */
export function scaledValue(value: number | string, total: number, roundUp: boolean): number | undefined {
  if (typeof value === 'number') return value;
  const percentage = /^([0-9]+)%$/.exec(value)?.[1];
  if (percentage === undefined) return undefined;
  const share = (Number(percentage) * total) / 100;
  return roundUp ? Math.ceil(share) : Math.floor(share);
}

/** The percentage of a text such as `25%`; undefined where it is none. */
export function percentageOf(value: number | string | undefined): number | undefined {
  const percentage = typeof value === 'string' ? /^([0-9]+)%$/.exec(value)?.[1] : undefined;
  return percentage === undefined ? undefined : Number(percentage);
}
