import fc from 'fast-check';
import { expect, it } from 'vitest';
import { duplicateFields, isCompactCopy } from './duplicate-fields.js';

it('names the fields that stand twice, each once', () => {
  expect(duplicateFields('{"a":1,"b":{"c":[{"d":1,"d":2,"d":3}]},"a":2}')).toEqual(['b.c[0].d', 'a']);
});

it('never takes a text with duplicate fields for a compact copy', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (fields, again) => {
      const [key] = Object.keys(fields);
      fc.pre(key !== undefined && key !== '__proto__');
      const text = `${JSON.stringify(fields).slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(again)}}`;
      expect(isCompactCopy(text, JSON.parse(text))).toBe(false);
    }),
  );
});

it('takes compact JSON for what it is, with a line end or without', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      return isCompactCopy(text, JSON.parse(text)) && isCompactCopy(`${text}\n`, JSON.parse(text));
    }),
  );
});
