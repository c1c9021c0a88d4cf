// The order of a merged list: $setElementOrder first, then the patch's order, then the live order.
// Mirrors https://git.k8s.io/design-proposals-archive/cli/preserve-order-in-strategic-merge-patch.md
import { isObject } from './merge-patch.js';

/** How a list is merged: `merge` or not at all, and by which key its objects are told apart. */
export interface ListMerge {
  readonly strategy: string;
  readonly mergeKey: string;
}

const identity = (element: unknown, mergeKey: string): unknown => (isObject(element) && mergeKey !== '' ? element[mergeKey] : element);

const positionIn = (order: readonly unknown[], element: unknown, mergeKey: string): number =>
  order.findIndex((other) => identity(other, mergeKey) === identity(element, mergeKey));

/** Splits a list into the elements that `by` names and the others. */
export function partition(list: readonly unknown[], by: readonly unknown[], { mergeKey }: ListMerge): { listed: unknown[]; others: unknown[] } {
  const isListed = (element: unknown): boolean => positionIn(by, element, mergeKey) >= 0;
  return { listed: list.filter(isListed), others: list.filter((element) => !isListed(element)) };
}

/** Puts the listed elements into the patch's order, the others into the live order, and weaves the two. */
export function inElementOrder(
  listed: readonly unknown[],
  others: readonly unknown[],
  patchOrder: readonly unknown[],
  liveOrder: readonly unknown[],
  { mergeKey }: ListMerge,
): unknown[] {
  const right = sortedBy(listed, patchOrder, mergeKey);
  const left = sortedBy(others, liveOrder, mergeKey);
  const woven: unknown[] = [];
  while (left.length > 0 && right.length > 0) {
    const [one, other] = [positionIn(liveOrder, left[0], mergeKey), positionIn(liveOrder, right[0], mergeKey)];
    woven.push(one >= 0 && other >= 0 && one < other ? left.shift() : right.shift());
  }
  return [...woven, ...left, ...right];
}

/** Upstream's insertion sort, in which an element that the order does not name moves to the front. */
function sortedBy(list: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] {
  const sorted = [...list];
  const before = (one: unknown, other: unknown): boolean => {
    const [first, second] = [positionIn(order, one, mergeKey), positionIn(order, other, mergeKey)];
    return first < 0 || second < 0 || first < second;
  };
  for (let index = 1; index < sorted.length; index++)
    for (let at = index; at > 0 && before(sorted[at], sorted[at - 1]); at--) [sorted[at - 1], sorted[at]] = [sorted[at], sorted[at - 1]];
  return sorted;
}

/** Without repeated values; the last element takes the place of each one removed, as upstream does it. */
export function duplicatesRemoved(list: readonly unknown[]): unknown[] {
  const result = [...list];
  for (let index = 0; index < result.length - 1; index++)
    for (let other = index + 1; other < result.length; other++)
      if (result[index] === result[other]) {
        const last = result.pop();
        if (other < result.length) result[other--] = last;
      }
  return result;
}
