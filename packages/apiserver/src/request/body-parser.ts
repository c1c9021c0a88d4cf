// Request bodies as JSON values: JSON or YAML, with fields that stand twice found where the client wants to know.
import { badRequest, decodeProtobuf, StatusError, schemaIdOf } from '@steersman/api';
import { parseDocument } from 'yaml';
import type { RequestBody } from '../handler/handler-tools.js';
import { duplicateFields, isCompactCopy } from './duplicate-fields.js';
import { jsonProblem, parseJson } from './json-text.js';
import { mergedJson } from './merged-json.js';
import { parseYamlText, YamlProblem } from './yaml-text.js';

/** Upstream's limit for a request body. */
export const maxBodyBytes = 3 * 1024 * 1024;

export const bodyTooLarge = (): StatusError =>
  new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: limit is ${maxBodyBytes}` });

export const unsupportedBody = (): StatusError =>
  new StatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  });

export interface BodyOptions {
  readonly contentType: string;
  /** For error texts: the kind the path expects. */
  readonly kind: string;
  readonly findDuplicates: boolean;
}

/** Parses the body of a POST or PUT. Throws 400 or 415. */
export function parseBody(bytes: Buffer, { contentType, kind, findDuplicates }: BodyOptions): RequestBody {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/yaml') return parseYaml(bytes, { kind, findDuplicates });
  if (type === protobufType) return parseProtobuf(bytes, kind);
  if (type !== '' && type !== 'application/json') throw unsupportedBody();
  const text = bytes.toString();
  try {
    const body = readJson(text, findDuplicates);
    if (Array.isArray(body.value)) throw unrecognized(kind, untyped('array'), text);
    return body;
  } catch (error) {
    throw error instanceof StatusError ? error : unrecognized(kind, jsonProblem(text), text);
  }
}

/** What Go says of JSON of a type that can have no kind. */
export const untyped = (type: string): string =>
  `json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;

/** The type of a JSON value in Go's words. */
export const jsonType = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value);

/** JSON, with what stands twice in it merged. Throws where it is none. */
function readJson(text: string, report: boolean): RequestBody {
  const value = parseJson(text);
  const found = isCompactCopy(text, value) ? [] : duplicateFields(text);
  if (found.length === 0) return { value, duplicates: [] };
  return { value: mergedJson(text), duplicates: report ? found.map((path) => `duplicate field "${path}"`) : [] };
}

/** Parses a JSON, merge or strategic merge patch. Throws 400 where it is no JSON. */
export function parsePatch(bytes: Buffer, type: string, findDuplicates: boolean): RequestBody {
  const text = bytes.toString();
  try {
    const { value, duplicates } = readJson(text, findDuplicates);
    return { value, duplicates: type === 'application/json-patch+json' ? duplicates.map((problem) => `json patch ${problem}`) : duplicates };
  } catch {
    const problem = jsonProblem(text);
    throw badRequest(type === 'application/strategic-merge-patch+json' ? problem : `error decoding patch: ${problem}`);
  }
}

/** Kubernetes' own binary encoding, which typed clients write built-in kinds in. */
export const protobufType = 'application/vnd.kubernetes.protobuf';

function parseProtobuf(bytes: Buffer, kind: string): RequestBody {
  try {
    return { value: decodeProtobuf(bytes, schemaIdOf), duplicates: [] };
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${(error as Error).message}`);
  }
}

function parseYaml(bytes: Buffer, { kind, findDuplicates }: Omit<BodyOptions, 'contentType'>): RequestBody {
  const text = bytes.toString();
  try {
    return { value: parseYamlText(text), duplicates: findDuplicates ? duplicateKeys(text) : [], sorted: true };
  } catch (error) {
    throw error instanceof YamlProblem ? unrecognized(kind, error.message, text) : error;
  }
}

/** Parses a configuration to apply. Throws 400 where it is no YAML. */
export function parseConfiguration(bytes: Buffer, findDuplicates: boolean): RequestBody {
  const text = bytes.toString();
  try {
    return { value: parseJson(text), duplicates: findDuplicates && duplicateFields(text).length > 0 ? duplicateKeys(text) : [] };
  } catch {
    return { value: configurationOf(text), duplicates: findDuplicates ? duplicateKeys(text) : [] };
  }
}

function configurationOf(text: string): unknown {
  try {
    return parseYamlText(text);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw badRequest(`error decoding patch: error converting YAML to JSON: ${error.message.startsWith('yaml: ') ? '' : 'yaml: '}${error.message}`);
  }
}

function duplicateKeys(text: string): string[] {
  const strict = parseDocument(text, { uniqueKeys: true, version: '1.1' });
  const lines = strict.errors
    .filter(({ code }) => code === 'DUPLICATE_KEY')
    .map(
      ({ linePos, pos }) =>
        `  line ${linePos?.[0].line ?? 0}: key ${JSON.stringify(/^[^:\s]+/.exec(text.slice(pos[0]))?.[0] ?? '')} already set in map`,
    );
  return lines.length ? [`yaml: unmarshal errors:\n${lines.join('\n')}`] : [];
}

const longestSummary = 30;

/** The start of a body as errors show it: what looks like an object as text, all else in hex. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.subarray(0, longestSummary).toString(bytes[0] === '{'.charCodeAt(0) ? 'utf8' : 'hex');
  return bytes.length > longestSummary ? `${shown} ...` : shown;
}

const unrecognized = (kind: string, problem: string, text: string): StatusError =>
  badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${problem} (${summary(Buffer.from(text))})`,
  );
