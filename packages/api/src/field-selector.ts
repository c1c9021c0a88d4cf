// Field selectors such as `spec.nodeName=a,status.phase!=Running`: reading and matching.
// Mirrors https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/

export interface FieldTerm {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldSelector {
  /** Sorted by their text, as upstream has it. */
  readonly terms: readonly FieldTerm[];
  readonly text: string;
  matches(read: (field: string) => string | undefined): boolean;
  /** The value that a field must have, where one is asked for. */
  exact(field: string): string | undefined;
}

export class FieldSelectorError extends Error {
  override readonly name = 'FieldSelectorError';
}

/** Reads the text form; throws FieldSelectorError with upstream's message. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text)
    .sort()
    .filter((term) => term !== '')
    .map((term) => termOf(term, text));
  return fieldSelectorOf(terms);
}

export function fieldSelectorOf(terms: readonly FieldTerm[]): FieldSelector {
  return {
    terms,
    text: terms.map(({ field, operator, value }) => `${field}${operator}${escaped(value)}`).join(','),
    matches: (read) => terms.every(({ field, operator, value }) => ((read(field) ?? '') === value) === (operator === '=')),
    exact: (field) => terms.find((term) => term.field === field && term.operator === '=')?.value,
  };
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return text === '' ? [] : [...terms, text.slice(start)];
}

function termOf(term: string, selector: string): FieldTerm {
  for (let index = 0; index < term.length; index++)
    for (const operator of ['!=', '==', '='])
      if (term.startsWith(operator, index))
        return { field: term.slice(0, index), operator: operator === '!=' ? '!=' : '=', value: unescaped(term.slice(index + operator.length)) };
  throw new FieldSelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
}

function unescaped(value: string): string {
  let result = '';
  for (let index = 0; index < value.length; index++) {
    const character = value[index]!;
    if (character === '\\') {
      const next = value[++index] ?? '';
      if (next === '' || !'\\,='.includes(next)) throw new FieldSelectorError(`invalid field selector: invalid escape sequence: \\${next}`);
      result += next;
    } else if (character === ',' || character === '=')
      throw new FieldSelectorError(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    else result += character;
  }
  return result;
}

const escaped = (value: string): string => value.replaceAll(/[\\,=]/g, (character) => `\\${character}`);
