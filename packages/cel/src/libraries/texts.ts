// Functions of texts beyond those of cel-js, regular expressions, and conversions to text.
// Mirrors https://github.com/google/cel-go/blob/master/ext/README.md#strings
import { FunctionError } from '../expression-error.js';
import { patternOf } from '../patterns.js';
import { functions, int, type Library, namespace } from './library.js';

function matcher(pattern: string): Exclude<ReturnType<typeof patternOf>, { problem: string }> {
  const compiled = patternOf(pattern);
  if ('problem' in compiled) throw new FunctionError(compiled.problem);
  return compiled;
}

function findAll(text: string, pattern: string, limit = -1n): string[] {
  const { compiled } = matcher(pattern);
  const found = compiled.matcher(text);
  const all: string[] = [];
  while ((limit < 0n || BigInt(all.length) < limit) && found.find()) all.push(found.group() ?? '');
  return all;
}

const ascii =
  (change: (letters: string) => string, letters: RegExp) =>
  (text: string): string =>
    text.replace(letters, change);

function charAt(text: string, position: bigint): string {
  const characters = [...text];
  if (position < 0n || position > BigInt(characters.length)) throw new FunctionError(`index out of range: ${position}`);
  return characters[Number(position)] ?? '';
}

function replace(text: string, old: string, replacement: string, limit = -1n): string {
  if (limit < 0n) return text.replaceAll(old, () => replacement);
  let rest = limit;
  return text.replaceAll(old, (found) => (rest-- > 0n ? replacement : found));
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const quote = (text: string): string => `"${[...text].map((character) => escapes[character] ?? character).join('')}"`;

/** A value as %s shows it. */
function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, inner]) => `${shown(key)}: ${shown(inner)}`)
      .sort()
      .join(', ')}}`;
  if (value instanceof Date) return timeText(value);
  return String(value);
}

function formatted(clause: string, precision: number | undefined, value: unknown): string {
  switch (clause) {
    case 's':
      return shown(value);
    case 'd':
      return String(value);
    case 'f':
      return Number(value).toFixed(precision ?? 6);
    case 'e':
      return Number(value)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : BigInt(value as bigint).toString(2);
    case 'o':
      return BigInt(value as bigint).toString(8);
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'string'
          ? Buffer.from(value).toString('hex')
          : value instanceof Uint8Array
            ? Buffer.from(value).toString('hex')
            : BigInt(value as bigint).toString(16);
      return clause === 'X' ? hex.toUpperCase() : hex;
    }
    default:
      throw new FunctionError(`could not parse formatting clause: unrecognized formatting clause "${clause}"`);
  }
}

function format(text: string, args: readonly unknown[]): string {
  let next = 0;
  return text.replace(/%(%|(?:\.(\d+))?(.))/g, (_, whole: string, precision: string | undefined, clause: string) => {
    if (whole === '%') return '%';
    if (next >= args.length) throw new FunctionError(`index ${next} out of range`);
    return formatted(clause, precision === undefined ? undefined : Number(precision), args[next++]);
  });
}

const timeText = (time: Date): string => time.toISOString().replace('.000Z', 'Z');

export const textLibrary: Library = (environment) => {
  namespace(environment, 'strings', 'StringsNamespace');
  functions(environment, {
    'string.matchesRe2(string): bool': (text: string, pattern: string) => matcher(pattern).matches(text),
    'string.find(string): string': (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? '',
    'string.findAll(string): list<string>': findAll,
    'string.findAll(string, int): list<string>': findAll,
    'string.lowerAsciiOnly(): string': ascii((letters) => letters.toLowerCase(), /[A-Z]+/g),
    'string.upperAsciiOnly(): string': ascii((letters) => letters.toUpperCase(), /[a-z]+/g),
    'string.charAt(int): string': charAt,
    'string.replace(string, string): string': replace,
    'string.replace(string, string, int): string': replace,
    'string.reverse(): string': (text: string) => [...text].reverse().join(''),
    'string.format(list<dyn>): string': format,
    'StringsNamespace.quote(string): string': (_: unknown, text: string) => quote(text),
    'string(google.protobuf.Timestamp): string': timeText,
    'string(google.protobuf.Duration): string': (duration: unknown) => String(duration),
    'int(google.protobuf.Timestamp): int': (time: Date) => int(Math.floor(time.getTime() / 1000)),
    'timestamp(google.protobuf.Timestamp): google.protobuf.Timestamp': (time: Date) => time,
    'duration(google.protobuf.Duration): google.protobuf.Duration': (duration: unknown) => duration,
  });
};
