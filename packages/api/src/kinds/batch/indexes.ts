// Lists of job indexes such as `0,3-5`: ascending numbers and ranges.

export interface Indexes {
  readonly count: number;
  readonly ranges: readonly (readonly [number, number])[];
}

/** Reads a list of indexes below `limit`; the message says what is wrong with it. */
export function parseIndexes(text: string, limit: number): Indexes | { readonly error: string } {
  const ranges: [number, number][] = [];
  let previous = -1;
  for (const part of text === '' ? [] : text.split(',')) {
    const bounds = part.split('-');
    if (bounds.length > 2)
      return {
        error: `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      };
    const range: number[] = [];
    for (const bound of bounds) {
      if (!/^[+-]?[0-9]+$/.test(bound)) return { error: `cannot convert string to integer for index: ${JSON.stringify(bound)}` };
      const index = Number(bound);
      if (index >= limit) return { error: `too large index: ${JSON.stringify(bound)}` };
      if (index <= previous) return { error: `non-increasing order, previous: ${previous}, current: ${index}` };
      previous = index;
      range.push(index);
    }
    ranges.push([range[0]!, range.at(-1)!]);
  }
  return { count: ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0), ranges };
}

/** The first index that is in both lists. */
export function overlapOf(left: Indexes, right: Indexes): number | undefined {
  for (const [first, last] of left.ranges)
    for (const [start, end] of right.ranges) {
      const common = Math.max(first, start);
      if (common <= Math.min(last, end)) return common;
    }
  return undefined;
}
