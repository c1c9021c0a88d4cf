import { expect, it } from 'vitest';
import { parseYamlText, YamlProblem } from './yaml-text.js';

const laughs = [
  'a: &a [x, x, x]',
  ...'bcdefghijk'.split('').map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[at]}`).join(', ')}]`),
];

it('takes aliases and merges', () => {
  expect(parseYamlText('x: &x {a: b}\nw: *x\nz:\n  <<: *x\n  c: d\n')).toEqual({ x: { a: 'b' }, w: { a: 'b' }, z: { a: 'b', c: 'd' } });
});

it.each([
  ['aliases that multiply', laughs.join('\n'), 'yaml: document contains excessive aliasing'],
  ['an alias within what it stands for', 'a: &a\n  b: *a\n', 'yaml: anchor value contains itself'],
  ['merges of what is no map', '<<: [1]\n', 'yaml: map merge requires map or sequence of maps as the value'],
  ['what is too deep', '- '.repeat(20_000), 'yaml: exceeded max depth of 10000'],
  ['what is too deep in brackets', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'yaml: exceeded max depth of 10000'],
])('refuses %s', (_, text, problem) => {
  expect(() => parseYamlText(text)).toThrow(new YamlProblem(problem));
});
