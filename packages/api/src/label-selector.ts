// Label selectors, as text (`env in (a,b),!x`) and as LabelSelector objects: reading, matching, writing.
// Mirrors https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
import { type FieldError, invalid } from './field-error.js';
import { type Token, tokensOf } from './label-selector-lexer.js';
import { labelValueErrors, qualifiedNameErrors } from './names.js';

export type Labels = Readonly<Record<string, string>>;
export type RequirementOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

/** One condition on one label. */
export interface Requirement {
  readonly key: string;
  readonly operator: RequirementOperator;
  /** Sorted. */
  readonly values: readonly string[];
}

/** A selector ready to match; all its requirements have to hold. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  readonly text: string;
  matches(labels: Labels | undefined): boolean;
}

/** The `LabelSelector` of `meta/v1`. */
export interface LabelSelectorLike {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/** Matches everything. */
export const everything: Selector = { requirements: [], text: '', matches: () => true };
/** Matches nothing: what a selector that is absent means. */
export const nothing: Selector = { requirements: [], text: '', matches: () => false };

/** A selector of these requirements. */
export function selectorOf(requirements: readonly Requirement[]): Selector {
  const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    requirements: sorted,
    text: sorted.map(requirementText).join(','),
    matches: (labels = {}) => sorted.every((requirement) => requirementHolds(requirement, labels)),
  };
}

function requirementHolds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case 'gt':
      return value !== undefined && isInteger(value) && BigInt(value) > BigInt(values[0] ?? '0');
    case 'lt':
      return value !== undefined && isInteger(value) && BigInt(value) < BigInt(values[0] ?? '0');
  }
}

const isInteger = (text: string): boolean => /^[+-]?[0-9]+$/.test(text) && BigInt(text) < 2n ** 63n && BigInt(text) >= -(2n ** 63n);

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values.join(',')}`;
  }
}

/** Reads the text form; throws SelectorError with upstream's message. */
export function parseLabelSelector(text: string): Selector {
  return text === '' ? everything : selectorOf(new SelectorParser(tokensOf(text)).requirements());
}

const binaryOperators: Readonly<Record<string, RequirementOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

const isWord = ({ kind }: Token): boolean => kind === 'identifier' || kind === 'in' || kind === 'notin';

/** Recursive descent over the tokens; in and notin are plain words where a key or a value stands. */
class SelectorParser {
  private position = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  requirements(): Requirement[] {
    const found: Requirement[] = [];
    for (;;) {
      const token = this.peek();
      if (token.kind === 'end') return found;
      if (!isWord(token) && token.kind !== '!') throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      found.push(this.requirement());
      const separator = this.next();
      if (separator.kind === 'end') return found;
      if (separator.kind !== ',') throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      const following = this.peek();
      if (!isWord(following) && following.kind !== '!') throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
    }
  }

  private peek(): Token {
    return this.tokens[Math.min(this.position, this.tokens.length - 1)]!;
  }

  private next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  private requirement(): Requirement {
    const negated = this.peek().kind === '!';
    if (negated) this.next();
    const key = this.next();
    if (!isWord(key)) return wrong(`found '${key.text}', expected: identifier`);
    const keyErrors = qualifiedNameErrors(key.text);
    if (keyErrors.length > 0) return wrong(`<nil>: ${invalid('', key.text, keyErrors.join('; ')).message}`);
    const following = this.peek();
    if (negated) return { key: key.text, operator: '!', values: [] };
    if (following.kind === 'end' || following.kind === ',') return { key: key.text, operator: 'exists', values: [] };
    return checked(key.text, ...this.condition());
  }

  private condition(): [RequirementOperator, string[]] {
    const token = this.next();
    const operator = binaryOperators[token.kind];
    if (!operator) return wrong(`found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    return [operator, operator === 'in' || operator === 'notin' ? this.values() : [this.exactValue()]];
  }

  private exactValue(): string {
    const token = this.peek();
    if (token.kind === 'end' || token.kind === ',') return '';
    this.next();
    return isWord(token) ? token.text : wrong(`found '${token.text}', expected: identifier`);
  }

  private values(): string[] {
    const open = this.next();
    if (open.kind !== '(') return wrong(`found '${open.text}' expected: '('`);
    const first = this.peek();
    if (first.kind === ')') {
      this.next();
      return [''];
    }
    if (!isWord(first) && first.kind !== ',') return wrong(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = this.list();
    if (this.next().kind !== ')') return wrong(`found '${first.text}', expected: ')'`);
    return [...values].sort();
  }

  private list(): Set<string> {
    const values = new Set<string>();
    for (;;) {
      const token = this.next();
      if (isWord(token)) {
        values.add(token.text);
        const following = this.peek();
        if (following.kind === ')') return values;
        if (following.kind !== ',') return wrong(`found '${following.text}', expected: ',' or ')'`);
      } else if (token.kind === ',') {
        if (values.size === 0) values.add('');
        const following = this.peek();
        if (following.kind === ')' || following.kind === ',') values.add('');
        if (following.kind === ')') return values;
      } else return wrong(`found '${token.text}', expected: ',', or identifier`);
    }
  }
}

const wrong = (why: string): never => {
  throw new SelectorError(`unable to parse requirement: ${why}`);
};

function checked(key: string, operator: RequirementOperator, values: readonly string[]): Requirement {
  const errors: FieldError[] = [];
  if (operator === 'gt' || operator === 'lt')
    for (const [index, value] of values.entries())
      if (!isInteger(value)) errors.push(invalid(`values[${index}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
  for (const [index, value] of values.entries()) {
    const messages = labelValueErrors(value);
    if (messages.length > 0) errors.push(invalid(`values[${index}][${key}]`, value, messages.join('; ')));
  }
  if (errors.length === 0) return { key, operator, values };
  const lines = errors.map(({ field, message }) => `${field}: ${message}`);
  return wrong(lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`);
}

const objectOperators: Readonly<Record<string, RequirementOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };

/** A LabelSelector object as a selector: absent matches nothing, empty matches everything. */
export function selectorFrom(selector: LabelSelectorLike | undefined | null): Selector {
  if (!selector) return nothing;
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = objectOperators[operator];
    if (!known) throw new SelectorError(`"${operator}" is not a valid label selector operator`);
    requirements.push({ key, operator: known, values: [...(values ?? [])].sort() });
  }
  return requirements.length === 0 ? everything : selectorOf(requirements);
}

const compiled = new WeakMap<object, Selector>();

/** Whether a LabelSelector object selects these labels. */
export function labelSelectorMatches(selector: LabelSelectorLike | undefined | null, labels: Labels | undefined): boolean {
  if (!selector) return false;
  let known = compiled.get(selector);
  if (!known) {
    known = selectorFrom(selector);
    if (Object.isFrozen(selector)) compiled.set(selector, known);
  }
  return known.matches(labels);
}

/** A LabelSelector object in text form; an absent or empty one is `<none>`, as kubectl prints it. */
export function selectorText(selector: LabelSelectorLike | undefined | null): string {
  const { text } = selectorFrom(selector);
  return text === '' ? '<none>' : text;
}

/** The selector of a map of labels that all have to be there: what Services and ReplicationControllers use. */
export const selectorOfLabels = (labels: Labels | undefined): Selector => selectorFrom({ matchLabels: labels });
