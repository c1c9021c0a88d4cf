import { expect, it } from 'vitest';
import { jsonProblem, parseJson } from './json-text.js';

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

it('parses up to ten thousand levels and says that more are too many', () => {
  expect(() => parseJson(nested(10_000))).not.toThrow();
  expect(() => parseJson(nested(10_001))).toThrow('exceeded max depth');
  expect(jsonProblem(nested(10_001))).toBe('exceeded max depth');
});

it('does not count brackets inside strings', () => {
  expect(parseJson(JSON.stringify({ a: '[{"'.repeat(20_000) }))).toEqual({ a: '[{"'.repeat(20_000) });
});

it.each([
  ['{"a":1', 'unexpected end of JSON input'],
  ['', 'unexpected end of JSON input'],
  ['{"a":x}', "invalid character 'x' looking for beginning of value"],
])('names what is wrong with %j', (text, problem) => {
  expect(jsonProblem(text)).toBe(problem);
});
