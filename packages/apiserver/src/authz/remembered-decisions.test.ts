import { expect, it } from 'vitest';
import type { Attributes } from './authorizer.js';
import { RememberedDecisions } from './remembered-decisions.js';

const user = { name: 'ann', groups: [] };
const of = (parts: object): Attributes => ({ user, verb: 'get', group: '', version: 'v1', resource: 'pods', ...parts }) as Attributes;

it('asks once for each question, whatever characters names are made of', () => {
  let asked = 0;
  const decisions = new RememberedDecisions({ name: 'counting', authorize: () => ({ allowed: ++asked === 1 }) });
  const questions = [
    of({ namespace: 'a', name: 'b' }),
    of({ namespace: 'a\nb' }),
    of({ namespace: 'a1:b' }),
    of({ subresource: 'a\nb' }),
    of({ namespace: '', name: 'a\nb' }),
    { user, verb: 'get', path: '/a' },
    { user, verb: 'get /a', path: '' },
  ];
  const first = questions.map((question) => decisions.authorize(question).allowed);
  expect(first).toEqual([true, ...Array.from({ length: questions.length - 1 }, () => false)]);
  expect(questions.map((question) => decisions.authorize(question).allowed)).toEqual(first);
  expect(asked).toBe(questions.length);
});
