// JSON texts of requests: parsed up to the depth that upstream's parser takes, with its words for what is wrong.

import { syntaxProblem } from './json-problem.js';

/** Go's encoding/json goes no deeper. */
const deepest = 10_000;
const tooDeep = 'exceeded max depth';

/** Parses a text; throws a SyntaxError where it is no JSON, or too deep. */
export function parseJson(text: string): unknown {
  if (text.length > 2 * deepest && depthOf(text) > deepest) throw new SyntaxError(tooDeep);
  return JSON.parse(text);
}

/** How deep objects and lists stand in each other. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) if (text.charCodeAt(at) === backslash) at++;
        break;
      case openBrace:
      case openBracket:
        if (++depth > most) most = depth;
        break;
      case closeBrace:
      case closeBracket:
        depth--;
    }
  }
  return most;
}

const [quote, backslash, openBrace, openBracket, closeBrace, closeBracket] = [0x22, 0x5c, 0x7b, 0x5b, 0x7d, 0x5d];

/** What Go's JSON parser says of a text that `parseJson` does not take. */
export const jsonProblem = (text: string): string => (text.length > 2 * deepest && depthOf(text) > deepest ? tooDeep : syntaxProblem(text));
