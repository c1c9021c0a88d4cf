// The elements of field paths as FieldsV1 spells them: `f:name` a field, `k:{…}` the list element with these keys, `v:…` the
// element of a set, `i:0` an index.
import type { ListSchema, Schema } from '../schema/schema.js';

/** A list element that has no element of its own; the message is upstream's. */
export class ElementError extends Error {
  override readonly name = 'ElementError';
}

const htmlUnsafe = /[<>&\u2028\u2029]/g;

/** JSON as Go writes it. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(htmlUnsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const known = new Map<string, string>();
const mostKnown = 4096;

export function fieldElement(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const element = `f:${name}`;
  if (known.size < mostKnown) known.set(name, element);
  return element;
}

export const valueElement = (value: unknown): string => `v:${goJson(value)}`;

const keyElement = (fields: readonly (readonly [string, unknown])[]): string =>
  `k:{${[...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${goJson(name)}:${goJson(value)}`)
    .join(',')}}`;

/** The element of an item of a set or of a list with keys; throws an ElementError where it has none. */
export function itemElement(schema: ListSchema, item: unknown): string {
  return schema.listType === 'map' ? keyedElement(schema, item) : setElement(item);
}

function keyedElement({ items, keys }: ListSchema, item: unknown): string {
  if (item === null || item === undefined) throw new ElementError('associative list with keys may not have a null element');
  if (typeof item !== 'object' || Array.isArray(item)) throw new ElementError('associative list with keys may not have non-map elements');
  const record = item as Record<string, unknown>;
  if (keys.length === 1 && typeof record[keys[0]!] === 'string') return `k:{"${keys[0]}":${goJson(record[keys[0]!])}}`;
  const fields = keys.flatMap((key) => {
    const value = key in record ? record[key] : keyDefault(items, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  if (fields.length === 0)
    throw new ElementError(
      `associative list with keys has an element that omits all key fields [${keys.map((key) => JSON.stringify(key)).join(' ')}] (and doesn't have default values for any key fields)`,
    );
  return keyElement(fields);
}

const zeros: Readonly<Record<string, unknown>> = { string: '', boolean: false, int32: 0, int64: 0, double: 0 };

/** What a key counts as where an item leaves it out; fields that are always written count as zero. */
function keyDefault(items: Schema, key: string): unknown {
  const field = items.kind === 'object' ? items.fields.get(key) : undefined;
  return field?.default ?? (field?.presence === 'always' ? zeros[field.schema.kind] : undefined);
}

function setElement(item: unknown): string {
  if (item === null || item === undefined) throw new ElementError("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new ElementError('not supported: associative list with lists as elements');
  if (typeof item === 'object') throw new ElementError("associative list without keys has an element that's a map type");
  return valueElement(item);
}

const contentOf = (element: string): unknown => JSON.parse(element.slice(2));

/** An element as messages show it: `.spec`, `[name="a"]`, `[="x"]`. */
export function describeElement(element: string): string {
  switch (element[0]) {
    case 'f':
      return `.${element.slice(2)}`;
    case 'k':
      return `[${Object.entries(contentOf(element) as object)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${JSON.stringify(contentOf(element))}]`;
    default:
      return `[${element.slice(2)}]`;
  }
}

export const describePath = (path: readonly string[]): string => path.map(describeElement).join('');

const ranks = '.fkvi';

/** The order in which elements are written: fields, keys, values, indexes. */
export function compareElements(a: string, b: string): number {
  if (a[0] !== b[0]) return ranks.indexOf(a[0]!) - ranks.indexOf(b[0]!);
  switch (a[0]) {
    case 'k':
      return compareKeys(Object.entries(contentOf(a) as object), Object.entries(contentOf(b) as object));
    case 'v':
    case 'i':
      return compareValues(contentOf(a), contentOf(b));
    default:
      return a < b ? -1 : a > b ? 1 : 0;
  }
}

function compareKeys(a: [string, unknown][], b: [string, unknown][]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [name, value] = a[index]!;
    const [otherName, otherValue] = b[index]!;
    if (name !== otherName) return name < otherName ? -1 : 1;
    const order = compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const valueRanks: readonly string[] = ['number', 'string', 'boolean', 'object'];

function compareValues(a: unknown, b: unknown): number {
  if (typeof a !== typeof b) return valueRanks.indexOf(typeof a) - valueRanks.indexOf(typeof b);
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}

/** An element that came in a request, as we would write it; undefined where it is malformed. */
export function normalElement(text: string): string | 'unknown' | undefined {
  if (text[1] !== ':') return undefined;
  try {
    switch (text[0]) {
      case 'f':
        return text;
      case 'v':
        return valueElement(contentOf(text));
      case 'k': {
        const keys = contentOf(text);
        return typeof keys === 'object' && keys !== null && !Array.isArray(keys) ? keyElement(Object.entries(keys)) : undefined;
      }
      case 'i':
        return /^[+-]?\d+$/.test(text.slice(2)) ? text : undefined;
      default:
        return 'unknown';
    }
  } catch {
    return undefined;
  }
}
