// JSON values of built-in kinds in application/vnd.kubernetes.protobuf, byte for byte as Go's generated code writes them: fields in
// the order of their numbers, map keys sorted, what is no pointer in Go written even when it is empty.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { fromTime } from '../clock.js';
import { isListMessage, isMessage, type MessageField, messageFields } from './message-fields.js';
import { WireWriter } from './wire-writer.js';

type Json = Readonly<Record<string, unknown>>;

/** Writes the value of a field, with its length where it has one; `undefined` stands for Go's zero value. */
type WriteValue = (writer: WireWriter, value: unknown) => void;
/** Writes all of a message but its length. */
type WriteFields = (writer: WireWriter, value: Json) => void;

const wireOf = (type: string): number => (type === 'double' ? 1 : type === 'bool' || type.startsWith('int') ? 0 : 2);

const none: Json = {};

const scalars: Readonly<Record<string, WriteValue>> = {
  string: (writer, value) => writer.text((value as string | undefined) ?? ''),
  bool: (writer, value) => writer.varint(value ? 1 : 0),
  int32: (writer, value) => writer.signed((value as number | undefined) ?? 0),
  int64: (writer, value) => writer.signed((value as number | undefined) ?? 0),
  double: (writer, value) => writer.double((value as number | undefined) ?? 0),
  bytes: (writer, value) => writer.chunk(Buffer.from((value as string | undefined) ?? '', 'base64')),
};

const tags = { bytes1: 0x0a, varint1: 0x08, varint2: 0x10, text3: 0x1a } as const;

function writeInstant(writer: WireWriter, seconds: number, nanos: number): void {
  writer.varint(nanos);
  writer.varint(tags.varint2);
  writer.signed(seconds);
  writer.varint(tags.varint1);
}

/** Messages that JSON shows as something else than an object with their fields. */
const shown: Readonly<Record<string, (writer: WireWriter, value: unknown) => void>> = {
  'meta.v1.Time': (writer, value) => {
    if (value) writeInstant(writer, Math.floor(fromTime(value as string) / 1000), 0);
  },
  'meta.v1.MicroTime': (writer, value) => {
    if (!value) return;
    const text = value as string;
    const micros = Number(/\.(\d{1,6})/.exec(text)?.[1]?.padEnd(6, '0') ?? 0);
    writeInstant(writer, Math.floor(fromTime(text) / 1000), micros * 1000);
  },
  'api.resource.Quantity': (writer, value) => {
    writer.text(String(value ?? '0'));
    writer.varint(tags.bytes1);
  },
  'util.intstr.IntOrString': (writer, value) => {
    const isText = typeof value === 'string';
    writer.text(isText ? value : '');
    writer.varint(tags.text3);
    writer.signed(typeof value === 'number' ? value : 0);
    writer.varint(tags.varint2);
    writer.varint(isText ? 1 : 0);
    writer.varint(tags.varint1);
  },
  'runtime.RawExtension': writeJson,
  'meta.v1.FieldsV1': writeJson,
  'apiextensions.v1.JSON': writeJson,
  'apiextensions.v1.JSONSchemaPropsOrBool': (writer, value) =>
    fieldsOf('apiextensions.v1.JSONSchemaPropsOrBool')(writer, typeof value === 'object' ? { allows: true, schema: value } : { allows: value }),
  'apiextensions.v1.JSONSchemaPropsOrArray': (writer, value) =>
    fieldsOf('apiextensions.v1.JSONSchemaPropsOrArray')(writer, Array.isArray(value) ? { jSONSchemas: value } : { schema: value }),
  'apiextensions.v1.JSONSchemaPropsOrStringArray': (writer, value) =>
    fieldsOf('apiextensions.v1.JSONSchemaPropsOrStringArray')(writer, Array.isArray(value) ? { property: value } : { schema: value }),
};

/** JSON carried as the first, bytes-typed field of a message. */
function writeJson(writer: WireWriter, value: unknown): void {
  if (value === undefined) return;
  writer.text(JSON.stringify(value));
  writer.varint(tags.bytes1);
}

const compiled = new Map<string, WriteFields>();

/** What writes the fields of a message; made when first asked for. */
function fieldsOf(message: string, owner = message): WriteFields {
  const key = `${message} of ${owner}`;
  const known = compiled.get(key);
  if (known) return known;
  let writers: WriteFields[] | undefined;
  const write: WriteFields = (writer, value) => {
    writers ??= messageFields(message, owner)
      .map((field) => writerOf(field, owner))
      .reverse();
    for (const one of writers) one(writer, value);
  };
  compiled.set(key, write);
  return write;
}

function writerOf(field: MessageField, owner: string): WriteFields {
  const { name, number, type, shape, required } = field;
  const tag = number * 8 + (shape === 'map' ? 2 : wireOf(type));
  if (field.inline) {
    const fields = fieldsOf(type, owner);
    return (writer, value) => {
      const before = writer.length;
      fields(writer, value);
      writer.varint(writer.length - before);
      writer.varint(tag);
    };
  }
  if (shape === 'map') return mapWriter(name, tag, type);
  const write = valueWriter(type);
  if (shape === 'list') return listWriter(name, tag, write);
  return (writer, value) => {
    const given = value[name] ?? undefined;
    if (given === undefined && !required) return;
    write(writer, given);
    writer.varint(tag);
  };
}

function listWriter(name: string, tag: number, write: WriteValue): WriteFields {
  return (writer, value) => {
    const items = value[name] as readonly unknown[] | null | undefined;
    if (!items) return;
    for (let index = items.length - 1; index >= 0; index--) {
      write(writer, items[index] ?? undefined);
      writer.varint(tag);
    }
  };
}

function mapWriter(name: string, tag: number, type: string): WriteFields {
  const write = valueWriter(type);
  const valueTag = 2 * 8 + wireOf(type);
  return (writer, value) => {
    const entries = value[name] as Json | null | undefined;
    if (!entries) return;
    const keys = Object.keys(entries).sort();
    for (let index = keys.length - 1; index >= 0; index--) {
      const before = writer.length;
      const entry = entries[keys[index]!] ?? undefined;
      if (entry !== undefined || type !== 'bytes') {
        write(writer, entry);
        writer.varint(valueTag);
      }
      writer.text(keys[index]!);
      writer.varint(tags.bytes1);
      writer.varint(writer.length - before);
      writer.varint(tag);
    }
  };
}

function valueWriter(type: string): WriteValue {
  const scalar = scalars[type];
  if (scalar) return scalar;
  const write = messageWriter(type);
  return (writer, value) => {
    const before = writer.length;
    write(writer, value);
    writer.varint(writer.length - before);
  };
}

function messageWriter(type: string): WriteValue {
  const special = shown[type];
  if (special) return special;
  const fields = fieldsOf(type);
  if (isListMessage(type)) return (writer, value) => fields(writer, { items: value });
  return (writer, value) => fields(writer, (value as Json | undefined) ?? none);
}

// One is enough: encoding does not wait for anything.
const shared = new WireWriter();

/** A value as the message of a definition such as `core.v1.Pod`, without an envelope. */
export function encodeMessage(message: string, value: unknown): Buffer {
  if (!isMessage(message)) throw new Error(`no protobuf message is called ${message}`);
  shared.clear();
  messageWriter(message)(shared, value);
  return shared.bytes();
}
