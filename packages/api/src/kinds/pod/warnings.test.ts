import { expect, it } from 'vitest';
import { podWarnings } from './warnings.js';

const container = { name: 'c', image: 'i' };

it('says nothing of an ordinary pod', () => {
  expect(podWarnings(undefined, { containers: [container], nodeSelector: { 'kubernetes.io/os': 'linux' } })).toEqual([]);
});

it('lets a variable build on its previous value, and warns of one that hides it', () => {
  const second = (value: string): string[] =>
    podWarnings(undefined, {
      containers: [
        {
          ...container,
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value },
          ],
        },
      ],
    });
  expect(second('$(A) and more')).toEqual([]);
  for (const hides of ['2', '$(A)', '']) expect(second(hides)).toEqual([expect.stringContaining('hides previous definition of "A"')]);
});
