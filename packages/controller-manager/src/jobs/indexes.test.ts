// Completion indexes as text.
import { describe, expect, it } from 'vitest';
import { formatIndexes, parseIndexes } from './indexes.js';

describe('completion indexes', () => {
  it('joins runs of three by a dash and pairs by a comma', () => {
    expect(formatIndexes(new Set([7, 0, 2, 3, 4, 8]))).toBe('0,2-4,7,8');
  });

  it('reads what it wrote, without indexes past the completions', () => {
    expect([...parseIndexes('0,2-4,7,8', 8)]).toEqual([0, 2, 3, 4, 7]);
  });
});
