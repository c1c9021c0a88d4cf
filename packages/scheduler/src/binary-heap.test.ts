import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BinaryHeap } from './binary-heap.js';

it('gives its items in order, also after some were taken out of the middle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.array(fc.nat()), (numbers, picks) => {
      const heap = new BinaryHeap<number>((a, b) => a < b);
      const kept = [...numbers];
      for (const number of numbers) heap.push(number);
      for (const pick of picks) {
        const victim = numbers[pick % Math.max(1, numbers.length)];
        const index = victim === undefined ? -1 : kept.indexOf(victim);
        if (index >= 0) kept.splice(index, 1);
        heap.remove((item) => item === victim);
      }
      const popped = Array.from({ length: kept.length }, () => heap.pop());
      expect(popped).toEqual(kept.sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
