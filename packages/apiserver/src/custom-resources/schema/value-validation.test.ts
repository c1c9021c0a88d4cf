import { describe, expect, it } from 'vitest';
import { Correlation } from './correlation.js';
import type { SchemaNode } from './schema-node.js';
import { validateValue } from './value-validation.js';

const problems = (schema: SchemaNode, value: unknown): string[] => validateValue(schema, value).map(({ field, message }) => `${field}: ${message}`);
const object = (properties: Record<string, SchemaNode>): SchemaNode => ({ type: 'object', properties });

describe('validation of values', () => {
  it('tells what type a value has to be of', () => {
    expect(problems(object({ a: { type: 'integer' } }), { a: 1.5 })).toEqual([
      'a: Invalid value: "number": a in body must be of type integer: "number"',
    ]);
  });

  it('reads patterns as Go does', () => {
    expect(problems({ type: 'string', pattern: '(?i)^[[:alpha:]]+$' }, 'aB')).toEqual([]);
    expect(problems(object({ a: { type: 'string', pattern: '^x' } }), { a: 'y' })).toEqual([`a: Invalid value: "y": a in body should match '^x'`]);
  });

  it('tells the best of several alternatives', () => {
    const schema = object({ a: { type: 'integer', anyOf: [{ minimum: 10 }, { maximum: 0 }] } });
    expect(problems(schema, { a: 5 })).toEqual([
      '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
      'a: Invalid value: 5: a in body should be greater than or equal to 10',
    ]);
  });

  it('forgives what was wrong before and did not change', () => {
    const schema = object({ a: { type: 'integer', maximum: 1 }, b: { type: 'integer', maximum: 1 } });
    const [before, after] = [
      { a: 5, b: 5 },
      { a: 5, b: 6 },
    ];
    expect(validateValue(schema, after, '', new Correlation(after, before, schema)).map(({ field }) => field)).toEqual(['b']);
  });

  it('checks formats', () => {
    expect(problems({ type: 'string', format: 'date-time' }, '2020-02-30T00:00:00Z')).toHaveLength(1);
    expect(problems({ type: 'string', format: 'date-time' }, '2020-02-29T00:00:00Z')).toEqual([]);
    expect(problems({ type: 'string', format: 'something' }, 'x')).toEqual([]);
  });
});
