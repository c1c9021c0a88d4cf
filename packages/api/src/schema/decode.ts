// Decoding: parsed JSON becomes a fresh object with the schema's fields in the schema's order, pruned and normalised as
// upstream shows it after a round through its Go types. What does not fit is refused in upstream's words.
import { setMember } from '../clone.js';
import { canonicalQuantity } from '../quantity.js';
import { type Field, goTypeOf, type ObjectSchema, type Schema } from './schema.js';

/** JSON that does not fit its schema; the message is the part after `cannot be handled as a Pod: `. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Where in the object decoding is, for error texts: fields only, no indexes or keys. */
interface Place {
  readonly structName: string;
  readonly path: string;
}

type Json = Record<string, unknown>;

/** Decodes the value of a whole kind. Unknown fields are dropped; `unknownFields` finds them. */
export const decodeObject = (schema: ObjectSchema, value: unknown): Json => {
  if (!isRecord(value)) throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type ${schema.goType}`);
  return decodeFields(schema, value, '');
};

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'object' : typeof value;

/** What is too large for any number was written so. */
const goNumber = (value: number): string => (Number.isFinite(value) ? String(value) : `${value < 0 ? '-' : ''}1e400`);

function mismatch(value: unknown, schema: Schema, place: Place): DecodeError {
  const shown = typeof value === 'number' && ['int32', 'int64', 'double'].includes(schema.kind) ? `number ${goNumber(value)}` : jsonType(value);
  return new DecodeError(
    `json: cannot unmarshal ${shown} into ${place.path ? `Go struct field ${place.structName}.${place.path}` : 'Go value'} of type ${goTypeOf(schema)}`,
  );
}

function decodeFields(schema: ObjectSchema, value: Json, path: string): Json {
  const result: Json = {};
  for (const field of schema.fields.values()) {
    const given = value[field.name];
    const decoded =
      given === undefined || given === null
        ? undefined
        : decodeValue(field.schema, given, { structName: schema.typeName, path: path ? `${path}.${field.name}` : field.name });
    const shown = present(field, path === '' && isEmptyCollection(field.schema, decoded) ? undefined : decoded);
    if (shown !== undefined) result[field.name] = shown;
  }
  return result;
}

/** What is written out for a field; undefined where it is left out. */
function present({ presence, schema }: Field, decoded: unknown): unknown {
  switch (presence) {
    case 'pointer':
      return decoded;
    case 'omitEmpty':
      return isEmpty(decoded) ? undefined : decoded;
    case 'omitZero':
      return decoded === undefined || isEmpty(decoded) || (schema.kind === 'object' && isRecord(decoded) && Object.keys(decoded).length === 0)
        ? undefined
        : decoded;
    case 'nullable':
      return decoded ?? null;
    case 'nullTime':
      return decoded ?? null;
    case 'struct':
    case 'always':
      return decoded ?? zeroOf(schema);
  }
}

/** Lists and maps of an object itself that have nothing in them are as good as not set: so they come back from the store. */
const isEmptyCollection = ({ kind }: Schema, decoded: unknown): boolean => (kind === 'list' || kind === 'map') && isEmpty(decoded);

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The zero value of a schema, as written out. */
export function zeroOf(schema: Schema): unknown {
  switch (schema.kind) {
    case 'object':
      return decodeFields(schema, {}, '');
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    default:
      return null;
  }
}

/** Decodes one value; `place` is for error texts. */
export function decodeValue(schema: Schema, value: unknown, place: Place): unknown {
  switch (schema.kind) {
    case 'object':
      if (!isRecord(value)) throw mismatch(value, schema, place);
      return decodeFields(schema, value, place.path);
    case 'list':
      if (!Array.isArray(value)) throw mismatch(value, schema, place);
      return value.map((item) => (item === null ? zeroOf(schema.items) : decodeValue(schema.items, item, place)));
    case 'map':
      return decodeMap(schema.values, value, { schema, place });
    case 'string':
      if (typeof value !== 'string') throw mismatch(value, schema, place);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(value, schema, place);
      return value;
    case 'int32':
      if (typeof value !== 'number' || !Number.isInteger(value) || value > 2147483647 || value < -2147483648) throw mismatch(value, schema, place);
      return value;
    case 'int64':
      // The largest number of 64 bits is read as the power of two above it.
      if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) > 2 ** 63) throw mismatch(value, schema, place);
      return value;
    case 'double':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw mismatch(value, schema, place);
      return value;
    case 'quantity':
      return decodeQuantity(value);
    case 'time':
      return decodeTime(value);
    case 'microTime':
      return decodeMicroTime(value);
    case 'intOrString':
      if (typeof value === 'string') return value;
      return decodeValue({ kind: 'int32' }, value, place);
    case 'bytes':
      if (typeof value !== 'string') throw mismatch(value, schema, place);
      return decodeBytes(value);
    case 'any':
      checkFinite(value, place);
      return value;
  }
}

/** Numbers beyond all limits have no other form in JSON than null, which they are not. */
function checkFinite(value: unknown, place: Place): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw mismatch(value, { kind: 'double' }, place);
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) checkFinite(inner, place);
}

function decodeMap(values: Schema, value: unknown, { schema, place }: { schema: Schema; place: Place }): Json {
  if (!isRecord(value)) throw mismatch(value, schema, place);
  const result: Json = {};
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    setMember(result, key, item === null || item === undefined ? zeroOf(values) : decodeValue(values, item, place));
  }
  return result;
}

const quantityPattern = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function decodeQuantity(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw new DecodeError(quantityPattern);
  try {
    return canonicalQuantity(String(value));
  } catch {
    throw new DecodeError(quantityPattern);
  }
}

const timeLayout = '2006-01-02T15:04:05Z07:00';
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const microTimeLayout = '2006-01-02T15:04:05.000000Z07:00';
const microTimePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})(Z|[+-]\d\d:\d\d)$/;

function decodeTime(value: unknown): string | null {
  if (typeof value !== 'string') throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`);
  if (value === '') return null;
  if (!timePattern.test(value) || Number.isNaN(Date.parse(value))) throw timeError(value, timeLayout);
  return value.length === 20 && value.endsWith('Z') ? value : `${new Date(Date.parse(value)).toISOString().slice(0, 19)}Z`;
}

function decodeMicroTime(value: unknown): string | null {
  if (typeof value !== 'string') throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`);
  if (value === '') return null;
  const match = microTimePattern.exec(value);
  if (!match || Number.isNaN(Date.parse(value))) throw timeError(value, microTimeLayout);
  return match[3] === 'Z' ? value : `${new Date(Date.parse(value)).toISOString().slice(0, 19)}.${match[2]}Z`;
}

/** The text of Go's time parser where it stumbles over the value. */
function timeError(value: string, layout: string): DecodeError {
  const pieces: [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d\d/, '01'],
    [/^-/, '-'],
    [/^\d\d/, '02'],
    [/^T/, 'T'],
    [/^\d\d/, '15'],
    [/^:/, ':'],
    [/^\d\d/, '04'],
    [/^:/, ':'],
    [/^\d\d/, '05'],
    ...(layout === microTimeLayout ? ([[/^\.\d{6}/, '.000000']] as [RegExp, string][]) : ([[/^(\.\d+)?/, '']] as [RegExp, string][])),
    [/^(Z|[+-]\d\d:\d\d)/, 'Z07:00'],
  ];
  let rest = value;
  for (const [pattern, element] of pieces) {
    const match = pattern.exec(rest);
    if (!match) return new DecodeError(`parsing time "${value}" as "${layout}": cannot parse "${rest}" as "${element}"`);
    rest = rest.slice(match[0].length);
  }
  if (rest) return new DecodeError(`parsing time "${value}": extra text: "${rest}"`);
  return new DecodeError(`parsing time "${value}": day out of range`);
}

const base64Alphabet = /[^A-Za-z0-9+/]/;

function decodeBytes(value: string): string {
  const compact = value.replace(/[\r\n]/g, '');
  const body = compact.replace(/={0,2}$/, '');
  const bad = base64Alphabet.exec(body);
  if (bad) throw new DecodeError(`illegal base64 data at input byte ${bad.index}`);
  if (compact.length % 4 !== 0 || body.length % 4 === 1)
    throw new DecodeError(`illegal base64 data at input byte ${Math.floor(compact.length / 4) * 4}`);
  return compact;
}

/** The paths of fields that the schema does not know, in the order of the input. */
export function unknownFields(schema: Schema, value: unknown, path = ''): string[] {
  const found: string[] = [];
  visitUnknown(schema, value, path, found);
  return found;
}

function visitUnknown(schema: Schema, value: unknown, path: string, found: string[]): void {
  if (schema.kind === 'list' && Array.isArray(value)) {
    for (const [index, item] of value.entries()) visitUnknown(schema.items, item, `${path}[${index}]`, found);
    return;
  }
  if (!isRecord(value)) return;
  if (schema.kind === 'map') {
    for (const key of Object.keys(value)) visitUnknown(schema.values, value[key], path ? `${path}.${key}` : key, found);
    return;
  }
  if (schema.kind !== 'object') return;
  for (const key of Object.keys(value)) {
    const inner = path ? `${path}.${key}` : key;
    const field = schema.fields.get(key);
    if (field) visitUnknown(field.schema, value[key], inner, found);
    else found.push(inner);
  }
}
