// Regular expressions as Go reads them: RE2's syntax, in linear time, with Go's words where one is broken.
import { RE2JS, RE2JSSyntaxException } from 're2js';

export type Pattern = { matches(text: string): boolean; readonly compiled: RE2JS } | { readonly problem: string };

const known = new Map<string, Pattern>();
/** How many patterns are kept compiled. */
const maxKnown = 2000;

/** The pattern compiled, or what is wrong with it. */
export function patternOf(text: string): Pattern {
  let pattern = known.get(text);
  if (!pattern) {
    pattern = compile(text);
    if (known.size >= maxKnown) known.clear();
    known.set(text, pattern);
  }
  return pattern;
}

function compile(text: string): Pattern {
  try {
    const compiled = RE2JS.compile(text);
    return { compiled, matches: (input) => compiled.matcher(input).find() };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return { problem: (error as Error).message };
    throw error;
  }
}
