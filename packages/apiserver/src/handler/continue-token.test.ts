import { expect, it } from 'vitest';
import { parseToken, writeToken } from './continue-token.js';

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

it('reads what it wrote', () => {
  expect(parseToken(writeToken('a/b', 7))).toEqual({ v: 'meta.k8s.io/v1', rv: 7, start: 'a/b\0' });
});

it.each([
  ['null', 'server does not recognize this encoded version ""'],
  ['[]', 'json: cannot unmarshal array into Go value of type storage.continueToken'],
  ['"x"', 'json: cannot unmarshal string into Go value of type storage.continueToken'],
  ['{"v":1}', 'json: cannot unmarshal number into Go struct field continueToken.v of type string'],
  ['{"v":"meta.k8s.io/v1","rv":1.5}', 'json: cannot unmarshal number 1.5 into Go struct field continueToken.rv of type int64'],
  ['{"v":"meta.k8s.io/v1","start":"a"}', 'incorrect encoded start resourceVersion (version meta.k8s.io/v1)'],
  ['{"v":"meta.k8s.io/v1","rv":1}', 'encoded start key empty (version meta.k8s.io/v1)'],
  ['{"v":"meta.k8s.io/v1","rv":1,"start":"../../secrets/"}', '../../secrets/'],
  ['', 'unexpected end of JSON input'],
  ['x', "invalid character 'x' looking for beginning of value"],
])('refuses the token %j', (text, why) => {
  expect(() => parseToken(encoded(text))).toThrow(`invalid continue token: continue key is not valid: ${why}`);
});
