// JSON merge patch: https://www.rfc-editor.org/rfc/rfc7386
import { clone, memberOf, setMember } from '../clone.js';
import { badRequest } from '../status-error.js';
import { jsonKind } from './go-format.js';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The target with the patch merged in; neither is changed. Refuses patches that are no object. */
export function mergePatch(target: JsonObject, patch: unknown): JsonObject {
  if (!isObject(patch))
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type map[string]interface {}`);
  return merged(target, patch);
}

function merged(target: unknown, patch: JsonObject): JsonObject {
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setMember(result, key, isObject(value) ? merged(memberOf(result, key), value) : clone(value));
  }
  return result;
}
