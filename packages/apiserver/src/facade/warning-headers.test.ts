import { expect, it } from 'vitest';
import { warningHeaders } from './warning-headers.js';

it('quotes warnings, each once', () => {
  expect(warningHeaders(['a "b" \\c', 'd', 'd'])).toEqual(['299 - "a \\"b\\" \\\\c"', '299 - "d"']);
});

it('sends other than Latin letters as UTF-8, and halves of letters as what stands for none', () => {
  expect(warningHeaders(['é😀']).map((value) => Buffer.from(value, 'latin1').toString())).toEqual(['299 - "é😀"']);
  expect(warningHeaders(['\ud800']).map((value) => Buffer.from(value, 'latin1').toString())).toEqual(['299 - "\ufffd"']);
});

it('leaves out what no header can hold', () => {
  expect(warningHeaders(['a\u0000b', 'a\r\nX-Evil: yes', '', 'c'])).toEqual(['299 - "c"']);
});

it('shortens warnings that are too long together, and leaves out those beyond the limit', () => {
  expect(warningHeaders(['a'.repeat(4096)])[0]).toHaveLength(4096 + '299 - ""'.length);
  const headers = warningHeaders(Array.from({ length: 30 }, (_, n) => `${n}`.padEnd(1000, 'x')));
  expect(headers).toHaveLength(16);
  expect(headers[0]).toHaveLength(256 + '299 - ""'.length);
});
