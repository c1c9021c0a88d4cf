import { describe, expect, it } from 'vitest';
import { parseFieldSelector } from './field-selector.js';
import { labelSelectorMatches, parseLabelSelector, selectorText } from './label-selector.js';

describe('label selectors', () => {
  it.each([
    ['env in prod', "unable to parse requirement: found 'prod' expected: '('"],
    ['env in (prod', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['colour in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['env>x', `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
    ['a,', "found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ])('refuses %s', (text, message) => expect(() => parseLabelSelector(text)).toThrow(message));

  it.each([
    ['env=prod,tier!=db', true],
    ['env in (prod,test),!x', true],
    ['env notin (prod)', false],
    ['x notin (prod)', true],
    ['size>4', true],
    ['size<5', false],
    ['in in (in)', false],
    ['env', true],
    ['', true],
  ])('%s → %s', (text, matches) => expect(parseLabelSelector(text).matches({ env: 'prod', size: '5' })).toBe(matches));

  it('sorts requirements and values in its text', () => expect(parseLabelSelector('z, a in (c,b) ,!m').text).toBe('a in (b,c),!m,z'));

  it('reads LabelSelector objects', () => {
    const selector = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x'] }] };
    expect(labelSelectorMatches(selector, { app: 'a' })).toBe(true);
    expect(labelSelectorMatches(undefined, { app: 'a' })).toBe(false);
    expect(labelSelectorMatches({}, undefined)).toBe(true);
    expect(selectorText(selector)).toBe('app=a,tier notin (x)');
  });
});

describe('field selectors', () => {
  it('matches, with escapes', () => {
    const selector = parseFieldSelector('metadata.name=a\\,b,spec.nodeName!=');
    expect(selector.terms.map(({ value }) => value)).toEqual(['a,b', '']);
    expect(selector.matches((field) => ({ 'metadata.name': 'a,b', 'spec.nodeName': 'n' })[field])).toBe(true);
    expect(selector.text).toBe('metadata.name=a\\,b,spec.nodeName!=');
  });

  it('refuses what it cannot read', () => {
    expect(() => parseFieldSelector('spec.nodeName')).toThrow("invalid selector: 'spec.nodeName'; can't understand 'spec.nodeName'");
    expect(() => parseFieldSelector('a=\\x')).toThrow('invalid field selector: invalid escape sequence: \\x');
  });
});
