import { describe, expect, it } from 'vitest';
import { Correlation } from '../schema/correlation.js';
import type { SchemaNode } from '../schema/schema-node.js';
import { RuleValidator } from './rule-validator.js';

const rules = (...all: object[]) => ({ 'x-kubernetes-validations': all });
const specOf = (node: SchemaNode): SchemaNode => ({ type: 'object', properties: { spec: node } });

function problems(schema: SchemaNode, value: unknown, old?: unknown): string[] {
  const correlation = old === undefined ? undefined : new Correlation(value, old, schema);
  const errors = RuleValidator.of(schema)!.validate(value, old, correlation ? { correlation } : {});
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

const counts: SchemaNode = { type: 'object', properties: { min: { type: 'integer' }, max: { type: 'integer' } } };

describe('rules of a schema', () => {
  it('tell which value breaks them', () => {
    const schema = specOf({ ...counts, ...rules({ rule: 'self.min <= self.max' }) });
    expect(problems(schema, { spec: { min: 1, max: 2 } })).toEqual([]);
    expect(problems(schema, { spec: { min: 3, max: 2 } })).toEqual(['spec: Invalid value: failed rule: self.min <= self.max']);
  });

  it('have messages, reasons and field paths', () => {
    const rule = { rule: 'self.min <= self.max', messageExpression: '"not " + string(self.max)', reason: 'FieldValueForbidden', fieldPath: '.max' };
    expect(problems(specOf({ ...counts, ...rules(rule) }), { spec: { min: 3, max: 2 } })).toEqual(['spec.max: Forbidden: not 2']);
  });

  it('of transitions see what was there before, and only then', () => {
    const schema = specOf({ type: 'string', ...rules({ rule: 'self == oldSelf', message: 'fixed' }) });
    expect(problems(schema, { spec: 'a' })).toEqual([]);
    expect(problems(schema, { spec: 'b' }, { spec: 'a' })).toEqual(['spec: Invalid value: "b": fixed']);
  });

  it('that did not hold before and see no change are forgiven', () => {
    const schema: SchemaNode = {
      type: 'object',
      properties: { a: { type: 'string', ...rules({ rule: 'self == "x"' }) }, b: { type: 'string' } },
    };
    expect(problems(schema, { a: 'y', b: '2' }, { a: 'y', b: '1' })).toEqual([]);
    expect(problems(schema, { a: 'z' }, { a: 'y' })).toHaveLength(1);
  });
});
