// What Go's JSON parser says of a text that is not JSON: the first character that cannot stand where it does.

const end = 'unexpected end of JSON input';
const spaces = ' \t\r\n';
const literals: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

class Problem extends Error {}

/** The problem, or nothing where the text is JSON. */
export function syntaxProblem(text: string): string {
  try {
    new Scanner(text).document();
    return '';
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** Walks a text value by value; nesting is kept in a list of its own, so that no text is too deep. */
class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): void {
    const open: string[] = [];
    do {
      if (this.value(open)) continue;
      while (open.length > 0 && this.closes(open)) open.pop();
    } while (open.length > 0);
    this.space();
    if (this.at < this.text.length) this.fail('after top-level value');
  }

  /** Reads a value, or the start of one that holds others; true where its first member comes next. */
  private value(open: string[]): boolean {
    const first = this.next();
    if (first === undefined) throw new Problem(end);
    if (first === '{' || first === '[') return this.start(first, open);
    if (first === '"') this.string();
    else if (first in literals) this.literal(literals[first]!);
    else if (first === '-' || isDigit(first)) this.number();
    else this.fail('looking for beginning of value');
    return false;
  }

  private start(first: string, open: string[]): boolean {
    this.at++;
    const closer = first === '{' ? '}' : ']';
    if (this.next() === closer) {
      this.at++;
      return false;
    }
    open.push(closer);
    if (first === '{') this.key('looking for beginning of object key string');
    return true;
  }

  /** After a value: whether what holds it ends here; otherwise the next member comes. */
  private closes(open: readonly string[]): boolean {
    const closer = open.at(-1)!;
    const character = this.next();
    if (character === undefined) throw new Problem(end);
    if (character === closer) {
      this.at++;
      return true;
    }
    if (character !== ',') this.fail(closer === '}' ? 'after object key:value pair' : 'after array element');
    this.at++;
    if (closer === '}') this.key('looking for beginning of object key string');
    return false;
  }

  private key(context: string): void {
    const first = this.next();
    if (first === undefined) throw new Problem(end);
    if (first !== '"') this.fail(context);
    this.string();
    const colon = this.next();
    if (colon === undefined) throw new Problem(end);
    if (colon !== ':') this.fail('after object key');
    this.at++;
  }

  private string(): void {
    for (this.at++; ; this.at++) {
      const character = this.text[this.at];
      if (character === undefined) throw new Problem(end);
      if (character === '"') break;
      if (character < ' ') this.fail('in string literal');
      if (character === '\\') this.escape();
    }
    this.at++;
  }

  private escape(): void {
    const character = this.text[++this.at];
    if (character === undefined) throw new Problem(end);
    if (character !== 'u') {
      if (!'"\\/bfnrt'.includes(character)) this.fail('in string escape code');
      return;
    }
    for (let digit = 0; digit < 4; digit++) {
      const hex = this.text[++this.at];
      if (hex === undefined) throw new Problem(end);
      if (!/[0-9a-fA-F]/.test(hex)) this.fail('in \\u hexadecimal character escape');
    }
  }

  private literal(word: string): void {
    for (const expected of word) {
      const character = this.text[this.at];
      if (character === undefined) throw new Problem(end);
      if (character !== expected) this.fail(`in literal ${word} (expecting ${quoted(expected)})`);
      this.at++;
    }
  }

  private number(): void {
    if (this.text[this.at] === '-') this.at++;
    if (this.text[this.at] === '0') this.at++;
    else this.digits('in numeric literal');
    if (this.text[this.at] === '.') {
      this.at++;
      this.digits('after decimal point in numeric literal');
    }
    if (this.text[this.at] !== 'e' && this.text[this.at] !== 'E') return;
    this.at++;
    if (this.text[this.at] === '+' || this.text[this.at] === '-') this.at++;
    this.digits('in exponent of numeric literal');
  }

  private digits(context: string): void {
    if (this.at >= this.text.length) throw new Problem(end);
    if (!isDigit(this.text[this.at]!)) this.fail(context);
    while (this.at < this.text.length && isDigit(this.text[this.at]!)) this.at++;
  }

  private space(): void {
    while (this.at < this.text.length && spaces.includes(this.text[this.at]!)) this.at++;
  }

  private next(): string | undefined {
    this.space();
    return this.text[this.at];
  }

  private fail(context: string): never {
    throw new Problem(`invalid character ${quoted(String.fromCodePoint(this.text.codePointAt(this.at)!))} ${context}`);
  }
}

const isDigit = (character: string): boolean => character >= '0' && character <= '9';

const escapes: Readonly<Record<string, string>> = { "'": `'\\''`, '"': `'"'`, '\n': `'\\n'`, '\t': `'\\t'`, '\r': `'\\r'`, '\\': `'\\\\'` };

const quoted = (character: string): string =>
  escapes[character] ?? (character < ' ' ? `'\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}'` : `'${character}'`);
