import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../protobuf/encode-protobuf.js';
import { decodeObject, decodeValue } from './decode.js';
import { schemaOf } from './schema-table.js';

const pod = schemaOf('v1', 'Pod')!;
const withDeadline = (activeDeadlineSeconds: number): object => ({ spec: { activeDeadlineSeconds } });

describe('numbers', () => {
  it('of 64 bits are refused beyond them', () => {
    expect(() => decodeObject(pod, withDeadline(JSON.parse('9223372036854775807') as number))).not.toThrow();
    for (const text of ['1e300', '1e400', '-9223372036854780000'])
      expect(() => decodeObject(pod, withDeadline(JSON.parse(text) as number))).toThrow(
        /^json: cannot unmarshal number \S+ into Go struct field PodSpec\.spec\.activeDeadlineSeconds of type int64$/,
      );
  });

  it('that may be text are of 32 bits', () => {
    expect(() => decodeValue({ kind: 'intOrString' }, 2 ** 31, { structName: 'A', path: 'b' })).toThrow('number 2147483648');
  });

  it('are refused where no number is so large, however deep they stand', () => {
    expect(() => decodeValue({ kind: 'any' }, JSON.parse('{"a":[{"b":1e400}]}'), { structName: 'A', path: 'b' })).toThrow(
      'cannot unmarshal number 1e400',
    );
  });

  it('have a form in protobuf, or none at all', () => {
    const bytes = encodeMessage('core.v1.PodSpec', { activeDeadlineSeconds: 2 ** 63 });
    expect(bytes.toString('hex')).toContain('ffffffffffffffffff00');
    for (const value of [Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => encodeMessage('core.v1.PodSpec', { activeDeadlineSeconds: value })).toThrow(RangeError);
  });
});
