import { expect, it } from 'vitest';
import { mergedJson } from './merged-json.js';

it('merges objects that stand twice and keeps the last of anything else', () => {
  expect(mergedJson('{"data":{"a":"1","a":"2"},"data":{"b":3},"list":[1,{"x":1,"x":[]}],"list":[2]}')).toEqual({ data: { a: '2', b: 3 }, list: [2] });
});

it('reads escapes, numbers and spaces as JSON does', () => {
  const text = ' {"a\\"b" : -1.5e3 , "c":[ true , null ,"\\u0041"] } ';
  expect(mergedJson(text)).toEqual(JSON.parse(text));
});
