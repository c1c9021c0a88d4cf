import { describe, expect, it } from 'vitest';
import { JsonPath } from './json-path.js';

const object = {
  spec: {
    items: [
      { name: 'a', n: 1 },
      { name: 'b', n: 2 },
    ],
    'a.b': 'dotted',
  },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

const find = (path: string): unknown[] => new JsonPath(path).find(object);

describe('JSON paths', () => {
  it('follow fields, indexes, slices and wildcards', () => {
    expect(find('.spec.items[0].name')).toEqual(['a']);
    expect(find('.spec.items[-1].name')).toEqual(['b']);
    expect(find('.spec.items[0:1].n')).toEqual([1]);
    expect(find('.spec.items[*].name')).toEqual(['a', 'b']);
  });

  it('take dots in names by escape or in quotes', () => {
    expect(find('.spec.a\\.b')).toEqual(['dotted']);
    expect(find(".spec['a.b']")).toEqual(['dotted']);
  });

  it('filter by what is in an element', () => {
    expect(find('.status.conditions[?(@.type=="Ready")].status')).toEqual(['True']);
    expect(find('.spec.items[?(@.n>1)].name')).toEqual(['b']);
  });

  it('descend', () => {
    expect(find('..name')).toEqual(['a', 'b']);
  });

  it('find nothing where nothing is', () => {
    expect(find('.spec.none.at.all')).toEqual([]);
  });
});
