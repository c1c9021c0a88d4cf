// Cuts the text of a label selector into tokens: words, the keywords in and notin, and operators.

export interface Token {
  readonly kind: 'identifier' | 'in' | 'notin' | 'end' | 'error' | ')' | '(' | ',' | '!' | '==' | '=' | '!=' | '>' | '<';
  readonly text: string;
}

const symbols = new Set([')', '(', ',', '!', '==', '=', '!=', '>', '<']);
const isSpecial = (character: string): boolean => '=!(),><'.includes(character);
const isSpace = (character: string): boolean => ' \t\r\n'.includes(character);

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const word = (): Token => {
    const start = position;
    while (position < text.length && !isSpecial(text[position]!) && !isSpace(text[position]!)) position++;
    const found = text.slice(start, position);
    return { kind: found === 'in' || found === 'notin' ? found : 'identifier', text: found };
  };
  const symbol = (): Token => {
    const start = position;
    while (position < text.length && isSpecial(text[position]!)) {
      const longer = text.slice(start, position + 1);
      if (!symbols.has(longer) && symbols.has(text.slice(start, position))) break;
      position++;
    }
    const found = text.slice(start, position);
    if (!symbols.has(found)) return { kind: 'error', text: `error expected: keyword found '${found}'` };
    return { kind: found as Token['kind'], text: found };
  };
  for (;;) {
    while (position < text.length && isSpace(text[position]!)) position++;
    if (position >= text.length) return [...tokens, { kind: 'end', text: '' }];
    tokens.push(isSpecial(text[position]!) ? symbol() : word());
  }
}
