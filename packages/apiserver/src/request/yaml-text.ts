// YAML texts of requests as JSON values. What YAML can say beyond JSON, and what would not end, is refused in the words of Go's parser.
import { type Document, parseDocument } from 'yaml';

const excessive = 'yaml: document contains excessive aliasing';
const tooDeep = 'yaml: exceeded max depth of 10000';
const itself = 'yaml: anchor value contains itself';
const badMerge = 'yaml: map merge requires map or sequence of maps as the value';
/** As deep as JSON may be. */
const deepest = 10_000;

/** Why a text is no YAML, or none that can be taken. */
export class YamlProblem extends Error {
  override readonly name = 'YamlProblem';
}

/** The value of a YAML text; where a key stands twice, the last counts. Throws a YamlProblem. */
export function parseYamlText(text: string): unknown {
  let document: Document;
  try {
    document = parseDocument(text, { uniqueKeys: false, version: '1.1' });
  } catch (error) {
    throw problemOf(error);
  }
  const [error] = document.errors;
  if (error) throw new YamlProblem(error.code === 'RESOURCE_EXHAUSTION' ? tooDeep : (error.message.split('\n')[0] ?? ''));
  const value = valueOfDocument(document);
  checkTree(value);
  return value;
}

function valueOfDocument(document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw problemOf(error);
  }
}

/** The library throws a ReferenceError for too many aliases, and a plain one for merges of what is no map. */
function problemOf(error: unknown): YamlProblem {
  return new YamlProblem(error instanceof RangeError ? tooDeep : error instanceof ReferenceError ? excessive : badMerge);
}

/** An alias within what it stands for would make a value without end. */
function checkTree(root: unknown): void {
  const open = new Set<object>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (open.has(value)) throw new YamlProblem(itself);
    if (open.size >= deepest) throw new YamlProblem(tooDeep);
    open.add(value);
    for (const inner of Object.values(value)) walk(inner);
    open.delete(value);
  };
  try {
    walk(root);
  } catch (error) {
    throw error instanceof YamlProblem ? error : problemOf(error);
  }
}
