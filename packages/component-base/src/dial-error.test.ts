import { expect, it } from 'vitest';
import { dialError } from './dial-error.js';

it.each([
  ['ECONNREFUSED', '127.0.0.1', 'dial tcp 127.0.0.1:80: connect: connection refused'],
  ['ECONNREFUSED', '::1', 'dial tcp [::1]:80: connect: connection refused'],
  ['ENOTFOUND', 'nowhere.example', 'dial tcp: lookup nowhere.example: no such host'],
  ['ECONNRESET', '127.0.0.1', 'read tcp 127.0.0.1:80: read: connection reset by peer'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'a', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
  ['EELSE', 'a', 'said by Node'],
])('tells %s of %s as Go does', (code, host, said) => {
  expect(dialError(Object.assign(new Error('said by Node'), { code }), host, 80)).toBe(said);
});
