import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CachedObject } from './cached-object.js';
import { KeyOrdered } from './key-ordered.js';

const object = (key: string, revision: number): CachedObject => ({ key, revision }) as CachedObject;

it('lists what a plain map holds, sorted, whatever happens between the lists', () => {
  const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), does: fc.constantFrom('set', 'delete', 'list') });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const ordered = new KeyOrdered();
      const plain = new Map<string, CachedObject>();
      const expected = (): CachedObject[] => [...plain.keys()].sort().map((key) => plain.get(key)!);
      changes.forEach(({ key, does }, revision) => {
        if (does === 'set') {
          ordered.set(object(key, revision));
          plain.set(key, object(key, revision));
        } else if (does === 'delete') {
          ordered.delete(key);
          plain.delete(key);
        } else expect(ordered.list()).toEqual(expected());
      });
      expect(ordered.list()).toEqual(expected());
      expect(ordered.size).toBe(plain.size);
    }),
  );
});
