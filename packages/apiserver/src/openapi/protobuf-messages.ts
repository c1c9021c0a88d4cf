// What OpenAPI documents of both versions have in common in protocol buffers.
import { readFile } from 'node:fs/promises';
import protobufjs from 'protobufjs';
import type { JsonSchema } from './schemas.js';

export type Message = Record<string, unknown>;

const documentTypes = new Map<string, Promise<protobufjs.Type>>();

async function loadType(version: string): Promise<protobufjs.Type> {
  const text = await readFile(new URL(`../../proto/openapi-${version}.proto`, import.meta.url), 'utf8');
  return protobufjs.parse(text, { keepCase: true }).root.lookupType(`openapi.${version}.Document`);
}

/** A document as bytes, by the description in proto/openapi-VERSION.proto. */
export async function encodeDocument(version: 'v2' | 'v3', document: Message): Promise<Buffer> {
  let loading = documentTypes.get(version);
  if (!loading) {
    loading = loadType(version);
    documentTypes.set(version, loading);
  }
  const type = await loading;
  return Buffer.from(type.encode(document).finish());
}

/** A map as a list of names and values. */
export const named = (values: unknown, message: (value: JsonSchema) => Message): { name: string; value: Message }[] =>
  Object.entries((values as Record<string, JsonSchema> | undefined) ?? {}).map(([name, value]) => ({ name, value: message(value) }));

/** A value of any form as YAML, of which JSON is a part. */
export const anyOf = (value: unknown): Message => ({ yaml: `${JSON.stringify(value)}\n` });

/** What begins with x-. */
export const extensions = (value: JsonSchema): Message[] =>
  Object.entries(value)
    .filter(([keyword]) => keyword.startsWith('x-'))
    .map(([name, inner]) => ({ name, value: anyOf(inner) }));

/** Names of fields have underscores where keywords have capitals. */
export const underscored = (keyword: string): string => keyword.replace('$', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The keywords of a schema whose values are plain, under the names of their fields. */
export const plainKeywords = (schema: JsonSchema): Message =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => !keyword.startsWith('x-'))
      .map(([keyword, value]) => [underscored(keyword), value]),
  );

export const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);
