// JSON as values of expressions: whole numbers as bigint, objects as maps, objects of a declared type as instances of its class.
import { Optional } from '@marcbachmann/cel-js';
import { deepEqual } from '@steersman/api';
import type { DeclaredType, ObjectType } from './declared-type.js';

/** An object whose type is declared; its class tells which. */
export class TypedObject extends Map<string, unknown> {}

export type TypedClass = new () => TypedObject;

/** The classes of an environment's object types, by name. */
export type TypedClasses = ReadonlyMap<string, TypedClass>;

/** Makes a duration of its text; the class is cel-js' own. */
export type DurationOf = (text: string) => unknown;

interface ValueTools {
  readonly classes: TypedClasses;
  readonly durationOf: DurationOf;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** JSON of which nothing is known. */
export function dynamicValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(dynamicValue);
  if (isRecord(value)) return new Map(Object.entries(value).map(([key, inner]) => [key, dynamicValue(inner)]));
  return value;
}

/** JSON as a value of a declared type. What does not fit stays what it is: using it is an error then. */
export function typedValue(value: unknown, type: DeclaredType, tools: ValueTools): unknown {
  const absent = value === null || value === undefined;
  if (type.kind === 'optional') return absent ? Optional.none() : Optional.of(typedValue(value, type.value, tools));
  if (absent) return null;
  switch (type.kind) {
    case 'list':
      return Array.isArray(value) ? value.map((item) => typedValue(item, type.items, tools)) : dynamicValue(value);
    case 'map':
      return isRecord(value)
        ? new Map(Object.entries(value).map(([key, inner]) => [key, typedValue(inner, type.values, tools)]))
        : dynamicValue(value);
    case 'object':
      return isRecord(value) ? typedObject(value, type, tools) : dynamicValue(value);
    case 'scalar':
      return scalarValue(value, type.name, tools);
  }
}

function typedObject(value: Record<string, unknown>, { name, fields }: ObjectType, tools: ValueTools): TypedObject {
  const object = new (tools.classes.get(name) ?? TypedObject)();
  for (const [identifier, { key, type }] of fields) {
    const inner = value[key];
    if (inner !== undefined) object.set(identifier, typedValue(inner, type, tools));
  }
  return object;
}

function scalarValue(value: unknown, name: string, { durationOf }: ValueTools): unknown {
  switch (name) {
    case 'double':
      return value;
    case 'timestamp':
      return typeof value === 'string' ? new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value) : dynamicValue(value);
    case 'duration':
      return typeof value === 'string' ? durationOf(value) : dynamicValue(value);
    case 'bytes':
      return typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : dynamicValue(value);
    default:
      return dynamicValue(value);
  }
}

/** A value as JSON again, for what expressions give back. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), plainValue(inner)]));
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  return value;
}

/** Whether two values are the same; numbers of both sorts compare by what they are. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (left instanceof Map && right instanceof Map)
    return left.size === right.size && [...left].every(([key, value]) => right.has(key) && sameValue(value, right.get(key)));
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1 is just what is asked.
  if (typeof left === 'bigint' || typeof right === 'bigint') return typeof left !== 'object' && left == right;
  if (isComparable(left)) return left.equals(right);
  return deepEqual(left, right);
}

interface Comparable {
  equals(other: unknown): boolean;
}

const isComparable = (value: unknown): value is Comparable => typeof value === 'object' && value !== null && 'equals' in value;

/** Characters, elements or entries of a value; 1 for everything else. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Map || value instanceof Set) return value.size;
  return 1;
}
