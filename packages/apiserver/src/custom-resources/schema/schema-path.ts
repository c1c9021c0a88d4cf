// Paths such as `.spec.name` and `.spec['a.b']`, followed through a schema.
import { child, key } from './field-path.js';
import { propertyOf, type SchemaNode, valuesOf } from './schema-node.js';

export type SchemaAtPath = { readonly path: string; readonly schema: SchemaNode } | { readonly problem: string };

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' };

/** The delimiters, quoted texts and words of a path. */
const tokensOf = (path: string): string[] => path.match(/'(?:\\.|[^'\\])*'?|[.[\]]|[^.[\]']+/g) ?? [];

/** Finds the schema that a path leads to; `keys` tells whether `['key']` may stand in it. */
export function schemaAtPath(path: string, root: SchemaNode, { keys = true }: { keys?: boolean } = {}): SchemaAtPath {
  const tokens = tokensOf(path);
  let at = '';
  let schema: SchemaNode | undefined = root;
  while (tokens.length) {
    const token = tokens.shift();
    if (token !== '.' && token !== '[') return { problem: `expected [ or . but got: ${token}` };
    if (token === '[' && !keys) return { problem: 'array notation is not allowed' };
    const given = tokens.shift();
    if (given === undefined) return { problem: 'unexpected end of JSON path' };
    let name = given;
    if (token === '[') {
      const quoted = unquoted(given);
      if (typeof quoted !== 'string') return quoted;
      name = quoted;
      const closing = tokens.shift();
      if (closing === undefined) return { problem: 'unexpected end of JSON path' };
      if (closing !== ']') return { problem: `expected ] but got ${closing}` };
    }
    const named: boolean = Object.keys(schema.properties ?? {}).length > 0;
    schema = named ? propertyOf(schema, name) : valuesOf(schema);
    if (!schema) return { problem: 'does not refer to a valid field' };
    at = named ? child(at, name) : key(at, name);
  }
  return { path: at, schema };
}

function unquoted(token: string): string | { problem: string } {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) return { problem: `expected single quoted string but got ${token}` };
  const body = token.slice(1, -1);
  const unknown = /\\(.)/g;
  for (const match of body.matchAll(unknown))
    if (escapes[match[1]!] === undefined) return { problem: `invalid string literal: invalid escape char ${match[0]}` };
  return body.replace(unknown, (_, letter: string) => escapes[letter]!);
}
