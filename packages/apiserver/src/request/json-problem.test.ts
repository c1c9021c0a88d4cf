import { expect, it } from 'vitest';
import { syntaxProblem } from './json-problem.js';

it.each([
  ['nope', "invalid character 'o' in literal null (expecting 'u')"],
  ['{"data"', 'unexpected end of JSON input'],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"', "invalid character '\"' after object key:value pair"],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['1 2', "invalid character '2' after top-level value"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['', 'unexpected end of JSON input'],
  ['{"a":[1,{"b":null}],"c":-1.5e3}', ''],
])('says of %j what Go says', (text, problem) => {
  expect(syntaxProblem(text)).toBe(problem);
});
