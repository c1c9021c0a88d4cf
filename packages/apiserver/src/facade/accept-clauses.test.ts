import { expect, it } from 'vitest';
import { acceptClauses } from './accept-clauses.js';

const order = (header: string): string[] => acceptClauses(header).map(({ type, subtype }) => `${type}/${subtype}`);

it('puts better qualities and exact types first', () => {
  expect(order('text/html;q=0.9, application/json')).toEqual(['application/json', 'text/html']);
  expect(order('*/*, application/*, application/json')).toEqual(['application/json', 'application/*', '*/*']);
  expect(order('a/b, c/d')).toEqual(['a/b', 'c/d']);
});

it('leaves out what is no media range', () => {
  expect(order('json, *, a/b/c, ,application/json')).toEqual(['application/json', '*/*']);
});

it('reads parameters but for the quality', () => {
  const [clause] = acceptClauses('application/json; as=Table ;v=v1;q=0.5;x');
  expect(clause).toMatchObject({ quality: 0.5 });
  expect(Object.fromEntries(clause!.parameters)).toEqual({ as: 'Table', v: 'v1' });
});
