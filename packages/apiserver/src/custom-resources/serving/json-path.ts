// JSONPath as kubectl knows it, for columns and selectable fields: fields, indexes, slices, wildcards, filters, recursion.
// Mirrors https://kubernetes.io/docs/reference/kubectl/jsonpath/
import { deepEqual } from '@steersman/api';
import { isRecord } from '../schema/schema-node.js';

type Step = (values: readonly unknown[]) => unknown[];

/** A path whose text is broken. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

/** A parsed path; `find` gives every value it leads to, none where fields are missing. */
export class JsonPath {
  private readonly steps: readonly Step[];

  constructor(text: string) {
    this.steps = parse(text);
  }

  find(root: unknown): unknown[] {
    return this.steps.reduce<unknown[]>((values, step) => step(values), [root]);
  }
}

const membersOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []);

const field =
  (name: string): Step =>
  (values) =>
    values.flatMap((value) => (isRecord(value) && value[name] !== undefined ? [value[name]] : []));

const wildcard: Step = (values) => values.flatMap(membersOf);

const descend: Step = (values) => values.flatMap((value) => [value, ...descend(membersOf(value))]);

function slice(text: string): Step {
  const [first, end, stride] = text.split(':').map((part) => (part.trim() === '' ? undefined : Number(part)));
  const single = !text.includes(':');
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [];
      const at = (index: number): number => (index < 0 ? index + value.length : index);
      const from = at(first ?? 0);
      if (single) return value[from] === undefined ? [] : [value[from]];
      return value.slice(from, end === undefined ? value.length : at(end)).filter((_, index) => index % (stride ?? 1) === 0);
    });
}

function parse(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text.replace(/^\$/, '');
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match) rest = rest.slice(match[0].length);
    return match;
  };
  while (rest) {
    if (take(/^\.\./)) {
      steps.push(descend);
      if (!/^[.[]/.test(rest)) rest = `.${rest}`;
    } else if (take(/^\.\*/)) steps.push(wildcard);
    else if (rest.startsWith('[')) steps.push(bracket(takeBracket()));
    else {
      const match = take(/^\.((?:\\.|[^.[\\])*)/);
      if (!match) throw new JsonPathError(`unrecognized character in path: ${rest}`);
      const name = match[1]!.replace(/\\(.)/g, '$1');
      if (name) steps.push(field(name));
    }
  }
  return steps;

  function takeBracket(): string {
    let depth = 0;
    let quote = '';
    for (let at = 0; at < rest.length; at++) {
      const character = rest[at]!;
      if (quote) {
        if (character === '\\') at++;
        else if (character === quote) quote = '';
      } else if (character === '"' || character === "'") quote = character;
      else if (character === '[') depth++;
      else if (character === ']' && --depth === 0) {
        const inner = rest.slice(1, at);
        rest = rest.slice(at + 1);
        return inner;
      }
    }
    throw new JsonPathError('unterminated array');
  }
}

function bracket(inner: string): Step {
  const text = inner.trim();
  if (text === '*') return wildcard;
  const quoted = /^(['"])(.*)\1$/.exec(text);
  if (quoted) return field(quoted[2]!.replace(/\\(.)/g, '$1'));
  const filter = /^\?\((.*)\)$/.exec(text);
  if (filter) return filterStep(filter[1]!);
  if (/^-?\d*(?::-?\d*){0,2}$/.test(text) && text !== '') return slice(text);
  if (/^-?\d+(?:,-?\d+)+$/.test(text)) {
    const steps = text.split(',').map(slice);
    return (values) => values.flatMap((value) => steps.flatMap((step) => step([value])));
  }
  throw new JsonPathError(`invalid array index ${text}`);
}

const comparisons: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '==': deepEqual,
  '!=': (left, right) => !deepEqual(left, right),
  '<': (left, right) => (left as number) < (right as number),
  '<=': (left, right) => (left as number) <= (right as number),
  '>': (left, right) => (left as number) > (right as number),
  '>=': (left, right) => (left as number) >= (right as number),
};

function filterStep(text: string): Step {
  const match = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/.exec(text.trim());
  if (!match) {
    const operand = operandOf(text.trim());
    return (values) => values.flatMap(membersOf).filter((value) => operand(value).length > 0);
  }
  const [left, compare, right] = [operandOf(match[1]!), comparisons[match[2]!]!, operandOf(match[3]!)];
  return (values) =>
    values.flatMap(membersOf).filter((value) => {
      const [one] = left(value);
      const [other] = right(value);
      return one !== undefined && other !== undefined && compare(one, other);
    });
}

/** One side of a comparison: a path from the element, or a constant. */
function operandOf(text: string): (value: unknown) => unknown[] {
  if (text.startsWith('@')) {
    const path = new JsonPath(text.slice(1));
    return (value) => path.find(value);
  }
  const quoted = /^(['"])(.*)\1$/.exec(text);
  const constant = quoted ? quoted[2]! : text === 'true' ? true : text === 'false' ? false : Number(text);
  return () => [constant];
}
