// The fields of protobuf messages joined with those of the JSON they stand for: numbers and types of one, names and presence of the other.
import { protobufFields } from '../gen/protobuf-data.js';
import { schemaRows } from '../gen/schema-data.js';
import type { FieldRow } from '../schema/schema-table.js';

/** A field of a message. */
export interface MessageField {
  readonly number: number;
  /** Its name in JSON. */
  readonly name: string;
  readonly type: string;
  readonly shape: 'single' | 'list' | 'map';
  /** Its own fields stand among those of its parent in JSON. */
  readonly inline: boolean;
  /** Written when it is not set too: it is no pointer in Go. */
  readonly required: boolean;
}

export const isMessage = (type: string): boolean => type in protobufFields;

const fieldNames = new Map<string, ReadonlyMap<string, string>>();

/** The names that JSON has for the fields of a definition, by their form without case and punctuation. */
function namesOf(definition: string): ReadonlyMap<string, string> {
  const known = fieldNames.get(definition);
  if (known) return known;
  const names = new Map((schemaRows[definition] ?? []).map(({ n }) => [plain(n), n]));
  fieldNames.set(definition, names);
  return names;
}

const plain = (name: string): string => name.replace(/[$-]/g, '').toLowerCase();

/**
 * The fields of a message in the order of their numbers. `owner` is the definition whose JSON shows them, where the message
 * is an inline part of another.
 */
export function messageFields(message: string, owner = message): MessageField[] {
  const names = namesOf(owner);
  const rows = new Map((schemaRows[owner] ?? []).map((row) => [row.n, row]));
  return Object.entries(protobufFields[message] ?? {})
    .map(([field, [number, type, listOrMap]]): MessageField => {
      const shape = listOrMap ?? 'single';
      const name = names.get(plain(field)) ?? field;
      const inline = names.size > 0 && !names.has(plain(field)) && shape === 'single' && isMessage(type);
      return { number, name, type, shape, inline, required: shape === 'single' && (inline || isRequired(type, rows.get(name))) };
    })
    .sort((a, b) => a.number - b.number);
}

/** Pointers are written when they are set, and so are bytes, which Go has no other empty value for than none. */
const isRequired = (type: string, row: FieldRow | undefined): boolean =>
  row ? type !== 'bytes' && row.go !== 'p' && row.go !== 'P' : type !== 'bytes' && !isMessage(type);

/** Whether a message stands for a plain list in JSON, as ExtraValue does. */
export function isListMessage(message: string): boolean {
  const fields = Object.keys(protobufFields[message] ?? {});
  return fields.length === 1 && fields[0] === 'items' && !schemaRows[message]?.length;
}

/** The message that the values of a definition's field are, if they are one. */
export function fieldMessage(definition: string, name: string): string | undefined {
  const type = messageFields(definition).find((field) => field.name === name)?.type;
  return type !== undefined && isMessage(type) ? type : undefined;
}
