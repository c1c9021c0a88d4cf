import { describe, expect, it } from 'vitest';
import { addQuantities, canonicalQuantity, compareQuantities, cpuMillis, parseQuantity, subtractQuantities, wholeValue } from './quantity.js';

describe('quantities', () => {
  it.each([
    ['1000m', '1'],
    ['0.1', '100m'],
    ['1024Mi', '1Gi'],
    ['2048Ki', '2Mi'],
    ['1e3', '1e3'],
    ['128974848', '128974848'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['1000Mi', '1000Mi'],
    ['0', '0'],
    ['0Mi', '0'],
    ['-1000m', '-1'],
    ['1.', '1.'],
    ['10000', '10k'],
    ['100u', '100u'],
    ['0.1n', '1n'],
    ['1E', '1E'],
    ['12e6', '12e6'],
    ['1000e3', '1e6'],
    ['0.5Ki', '512'],
  ])('%s is written %s', (text, canonical) => expect(canonicalQuantity(text)).toBe(canonical));

  it.each(['', 'abc', '1x', '1 Gi'])('refuses %j', (text) =>
    expect(() => parseQuantity(text)).toThrow('quantities must match the regular expression'),
  );
  it.each(['1Kii', '1mm', '1Ki5', '--1'])('refuses the suffix of %s', (text) =>
    expect(() => parseQuantity(text)).toThrow("unable to parse quantity's suffix"),
  );

  it('computes exactly', () => {
    expect(addQuantities('100m', '0.9')).toBe('1');
    expect(subtractQuantities('1Gi', '512Mi')).toBe('512Mi');
    expect(compareQuantities('1', '1000m')).toBe(0);
    expect(compareQuantities('1Gi', '1G')).toBe(1);
    expect(cpuMillis('0.1001')).toBe(101);
    expect(wholeValue('1500m')).toBe(2);
  });
});
