// The options of a deletion: from the body, or from the query where there is no body.
import { badRequest, DecodeError, decodeObject, definition, field, invalidObject } from '@steersman/api';
import { scheme } from '../handler/decode-body.js';
import { jsonType, parseBody, protobufType, untyped } from '../request/body-parser.js';
import { jsonProblem, parseJson } from '../request/json-text.js';
import { parseYamlText } from '../request/yaml-text.js';
import { parseBoolean, parseInteger } from './request-options.js';

export interface DeleteOptions extends Record<string, unknown> {
  readonly dryRun?: readonly string[];
}

/** The options of a DELETE request. Throws 400 and 422. */
export function deleteOptionsOf(bytes: Buffer, contentType: string, query: URLSearchParams): DeleteOptions {
  const options = bytes.length > 0 ? decoded(bodyOf(bytes, contentType)) : queried(query);
  if (options.dryRun?.some((value) => value !== 'All'))
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [field.notSupported('dryRun', options.dryRun, ['All'])]);
  return options;
}

function queried(query: URLSearchParams): DeleteOptions {
  const grace = parseInteger(query, 'gracePeriodSeconds');
  const orphan = parseBoolean(query, 'orphanDependents');
  const policy = query.get('propagationPolicy');
  const dryRun = query.getAll('dryRun').filter(Boolean);
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(orphan !== undefined && { orphanDependents: orphan }),
    ...(policy && { propagationPolicy: policy }),
    ...(dryRun.length && { dryRun }),
  };
}

function bodyOf(bytes: Buffer, contentType: string): unknown {
  if (contentType.startsWith(protobufType))
    return parseBody(bytes, { contentType: protobufType, kind: 'DeleteOptions', findDuplicates: false }).value;
  const text = bytes.toString();
  try {
    return contentType.startsWith('application/yaml') ? parseYamlText(text) : parseJson(text);
  } catch {
    throw badRequest(`couldn't get version/kind; json parse error: ${jsonProblem(text)}`);
  }
}

function decoded(body: unknown): DeleteOptions {
  if (body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body)) throw badRequest(`couldn't get version/kind; json parse error: ${untyped(jsonType(body))}`);
  const { kind, apiVersion } = body as { kind?: unknown; apiVersion?: unknown };
  if (kind && kind !== 'DeleteOptions')
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? 'v1')} in ${scheme}`);
  try {
    return decodeObject(definition('meta.v1.DeleteOptions'), body) as DeleteOptions;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(error.message) : error;
  }
}
