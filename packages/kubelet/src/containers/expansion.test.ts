import { expect, it } from 'vitest';
import { expand } from './expansion.js';

const values: Record<string, string> = { A: 'one', EMPTY: '' };
const cases: [string, string][] = [
  ['$(A) two', 'one two'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$one'],
  ['$(NONE)', '$(NONE)'],
  ['$(A', '$(A'],
  ['$A', '$A'],
  ['$', '$'],
  ['$(EMPTY)x', 'x'],
];

it.each(cases)('expands %s', (text, expected) => {
  expect(expand(text, (name) => values[name])).toBe(expected);
});
