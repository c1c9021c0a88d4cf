// What keeps a configuration from being of its kind: unknown fields, values of the wrong sort, list items that cannot be told
// apart. The messages are those of upstream's structured merge.
import { goValue } from '../patch/go-format.js';
import type { ListSchema, Schema } from '../schema/schema.js';
import { describeElement, itemElement } from './path-element.js';
import { isGranularList, isMap, schemaOfField } from './shape.js';

/** Every problem with its path; nothing where the value fits. */
export function typedErrors(schema: Schema, value: unknown): string[] {
  const found: string[] = [];
  visit(schema, value, '', found);
  return found;
}

/** The problems as one message. */
export const typedMessage = (errors: readonly string[]): string => (errors.length === 1 ? errors[0]! : ['errors:', ...errors].join('\n  '));

const at = (path: string, message: string): string => (path ? `${path}: ${message}` : message);

function visit(schema: Schema, value: unknown, path: string, found: string[]): void {
  switch (schema.kind) {
    case 'any':
      return;
    case 'object':
    case 'map':
      visitMap(schema, value, path, found);
      return;
    case 'list':
      visitList(schema, value, path, found);
      return;
    default: {
      const message = value === null || value === undefined ? undefined : scalarProblem(schema.kind, value);
      if (message) found.push(at(path, message));
    }
  }
}

function visitMap(schema: Schema, value: unknown, path: string, found: string[]): void {
  if (value === null || value === undefined) return;
  if (!isMap(value)) {
    found.push(at(path, `expected map, got &{${goValue(value)}}`));
    return;
  }
  for (const name in value) {
    const inner = schemaOfField(schema, name);
    if (!inner) {
      found.push(`${path}.${name}: field not declared in schema`);
      return;
    }
    visit(inner, value[name], `${path}.${name}`, found);
  }
}

function visitList(schema: ListSchema, value: unknown, path: string, found: string[]): void {
  if (value === null || value === undefined) return;
  if (!Array.isArray(value)) {
    found.push(at(path, `expected list, got &{${goValue(value)}}`));
    return;
  }
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const element = elementOrProblem(schema, item, index);
    if (element.problem !== undefined) {
      found.push(at(path, element.problem));
      return;
    }
    if (seen.has(element.text)) found.push(at(path, `duplicate entries for key ${element.text}`));
    if (isGranularList(schema)) seen.add(element.text);
    visit(schema.items, item, path + element.text, found);
  }
}

function elementOrProblem(schema: ListSchema, item: unknown, index: number): { text: string; problem?: string } {
  if (!isGranularList(schema)) return { text: `[${index}]` };
  try {
    return { text: describeElement(itemElement(schema, item)) };
  } catch (error) {
    return { text: '', problem: `element ${index}: ${(error as Error).message}` };
  }
}

const goTypes: Readonly<Record<string, string>> = { string: 'string', boolean: 'bool' };

function goTypeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return goTypes[typeof value] ?? (Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}');
}

function scalarProblem(kind: string, value: unknown): string | undefined {
  switch (kind) {
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goTypeName(value)}`;
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goLiteral(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goValue(value)}}`;
    default:
      return typeof value === 'object' ? `expected any scalar, got &{${goValue(value)}}` : undefined;
  }
}

/** A value as Go's `%#v` prints it. */
function goLiteral(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goLiteral).join(', ')}}`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.keys(value).sort();
  return `map[string]interface {}{${entries.map((key) => `${JSON.stringify(key)}:${goLiteral(value[key])}`).join(', ')}}`;
}
