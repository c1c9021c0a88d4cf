// Objects in application/vnd.kubernetes.protobuf as the JSON values that the schema engine decodes further.
// Mirrors https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding

import { toMicroTime, toTime } from '../clock.js';
import { setMember } from '../clone.js';
import { decodeObject } from '../schema/decode.js';
import { definition } from '../schema/schema-table.js';
import { isListMessage, type MessageField, messageFields } from './message-fields.js';
import { WireReader } from './wire-reader.js';

type Json = Record<string, unknown>;

const magic = Buffer.from('k8s\0');

/** Whether the bytes are in Kubernetes' protobuf envelope. */
export const isProtobuf = (bytes: Buffer): boolean => bytes.subarray(0, 4).equals(magic);

/** Decodes an enveloped object; its kind decides the message. Throws where the bytes make no sense or the kind is not known. */
export function decodeProtobuf(bytes: Buffer, messageOf: (apiVersion: string, kind: string) => string | undefined): Json {
  if (!isProtobuf(bytes)) throw new Error('the body is not in the protobuf envelope of Kubernetes');
  const { typeMeta, raw } = readUnknown(bytes.subarray(4));
  const { apiVersion = '', kind = '' } = typeMeta;
  const message = messageOf(apiVersion, kind);
  if (!message) throw new Error(`no protobuf message is known for ${apiVersion} ${kind}`);
  return { apiVersion, kind, ...decodeMessage(message, raw) };
}

function readUnknown(bytes: Buffer): { typeMeta: { apiVersion?: string; kind?: string }; raw: Buffer } {
  const reader = new WireReader(bytes);
  let typeMeta: { apiVersion?: string; kind?: string } = {};
  let raw: Buffer = Buffer.alloc(0);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1) typeMeta = decodeMessage('runtime.TypeMeta', reader.chunk());
    else if (field === 2) raw = reader.chunk();
    else reader.skip(wire);
  }
  return { typeMeta, raw };
}

const specs = new Map<string, ReadonlyMap<number, MessageField>>();

function specOf(message: string, owner: string): ReadonlyMap<number, MessageField> {
  const key = `${message} of ${owner}`;
  const known = specs.get(key);
  if (known) return known;
  const spec = new Map(messageFields(message, owner).map((field) => [field.number, field]));
  specs.set(key, spec);
  return spec;
}

/** `owner` is the definition whose JSON shows the fields, where the message is an inline part of another. */
function decodeMessage(message: string, bytes: Buffer, owner = message): Json {
  const spec = specOf(message, owner);
  const reader = new WireReader(bytes);
  const result: Json = {};
  while (!reader.done) {
    const { field, wire } = reader.tag();
    const one = spec.get(field);
    if (!one) reader.skip(wire);
    else if (one.inline) Object.assign(result, decodeMessage(one.type, reader.chunk(), owner));
    else if (one.shape === 'list') {
      result[one.name] ??= [];
      (result[one.name] as unknown[]).push(readValue(one.type, reader));
    } else if (one.shape === 'map') {
      result[one.name] ??= {};
      readEntry(one, reader.chunk(), result[one.name] as Json);
    } else result[one.name] = readValue(one.type, reader);
  }
  return result;
}

function readEntry({ type }: MessageField, bytes: Buffer, into: Json): void {
  const reader = new WireReader(bytes);
  let key = '';
  let value: unknown = emptyOf(type);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1) key = reader.chunk().toString();
    else if (field === 2) value = readValue(type, reader);
    else reader.skip(wire);
  }
  setMember(into, key, value);
}

const emptyOf = (type: string): unknown =>
  type === 'string' || type === 'bytes' ? '' : type === 'api.resource.Quantity' ? '0' : type === 'bool' ? false : type.startsWith('int') ? 0 : {};

function readValue(type: string, reader: WireReader): unknown {
  switch (type) {
    case 'string':
      return reader.chunk().toString();
    case 'bool':
      return reader.unsigned() !== 0;
    case 'int32':
    case 'int64':
    case 'uint32':
      return reader.signed();
    case 'double':
      return reader.double();
    case 'bytes':
      return reader.chunk().toString('base64');
    default:
      return readMessage(type, reader.chunk());
  }
}

/** Messages that JSON shows as something else than an object with their fields. */
function readMessage(type: string, bytes: Buffer): unknown {
  switch (type) {
    case 'meta.v1.Time': {
      const { seconds } = decodeMessage(type, bytes) as { seconds?: number };
      return bytes.length === 0 || seconds === undefined ? null : toTime(seconds * 1000);
    }
    case 'meta.v1.MicroTime': {
      const { seconds, nanos = 0 } = decodeMessage(type, bytes) as { seconds?: number; nanos?: number };
      return bytes.length === 0 || seconds === undefined ? null : toMicroTime(seconds * 1000 + Math.floor(nanos / 1000) / 1000);
    }
    case 'api.resource.Quantity':
      return (decodeMessage(type, bytes) as { string?: string }).string || '0';
    case 'util.intstr.IntOrString': {
      const { type: kind = 0, intVal = 0, strVal = '' } = decodeMessage(type, bytes) as { type?: number; intVal?: number; strVal?: string };
      return kind === 1 ? strVal : intVal;
    }
    case 'apiextensions.v1.JSONSchemaPropsOrBool':
    case 'apiextensions.v1.JSONSchemaPropsOrArray':
    case 'apiextensions.v1.JSONSchemaPropsOrStringArray': {
      const { schema, allows, jSONSchemas, property } = decodeMessage(type, bytes) as { [field: string]: Json[] };
      // Go's zero values go where the schema engine, which takes these for values of any kind, does not look.
      if (schema) return schemaProps(schema);
      return jSONSchemas?.map(schemaProps) ?? property ?? (type.endsWith('OrBool') ? (allows ?? false) : []);
    }
    case 'runtime.RawExtension':
    case 'meta.v1.FieldsV1':
    case 'apiextensions.v1.JSON':
      return parseRaw(bytes);
    default: {
      const value = decodeMessage(type, bytes);
      return isListMessage(type) ? (value['items'] ?? []) : value;
    }
  }
}

const schemaProps = (value: unknown): Json => decodeObject(definition('apiextensions.v1.JSONSchemaProps'), value);

/** JSON carried as the first, bytes-typed field of a message. */
function parseRaw(bytes: Buffer): unknown {
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { field, wire } = reader.tag();
    if (field === 1 && wire === 2) {
      const raw = reader.chunk();
      return raw.length ? JSON.parse(raw.toString()) : null;
    }
    reader.skip(wire);
  }
  return null;
}
