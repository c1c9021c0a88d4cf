// JSON patch: https://www.rfc-editor.org/rfc/rfc6902, as lax as the library that upstream uses: a missing member can be
// replaced or copied (as null), indexes may be negative, a path need not start with a slash.
import { clone, deepEqual, setMember } from '../clone.js';
import { badRequest, StatusError } from '../status-error.js';
import { jsonKind } from './go-format.js';
import { isObject, type JsonObject } from './merge-patch.js';

interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
  readonly value?: unknown;
}

/** Why an operation does not apply; clients are only told that their request was in error. */
class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}

const mostOperations = 10_000;

/** The document with all operations applied, or a StatusError; the document given stays as it is. */
export function jsonPatch(document: JsonObject, patch: unknown): JsonObject {
  const operations = operationsOf(patch);
  const result = { root: clone(document) as unknown };
  try {
    for (const operation of operations) apply(result, operation);
  } catch (cause) {
    if (!(cause instanceof NotApplicable)) throw cause;
    throw new StatusError(
      { code: 422, reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} },
      { cause },
    );
  }
  return result.root as JsonObject;
}

function operationsOf(patch: unknown): Operation[] {
  if (patch === null) return [];
  if (!Array.isArray(patch))
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(patch)} into Go value of type []handlers.jsonPatchOp`);
  for (const operation of patch)
    if (operation !== null && !isObject(operation))
      throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(operation)} into Go value of type handlers.jsonPatchOp`);
  if (patch.length <= mostOperations) return patch.map((operation) => (operation ?? {}) as Operation);
  throw new StatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: The allowed maximum operations in a JSON patch is ${mostOperations}, got ${patch.length}`,
  });
}

function apply(document: { root: unknown }, { op, path, from, value }: Operation): void {
  if (typeof path !== 'string') throw new NotApplicable('operation has no path');
  if (op === 'add') add(find(document.root, path), clone(value ?? null));
  else if (op === 'replace') {
    const place = find(document.root, path);
    read(place);
    write(place, clone(value ?? null));
  } else if (op === 'remove') remove(find(document.root, path));
  else if (op === 'move') {
    const place = find(document.root, fromOf(from));
    const moved = read(place);
    remove(place);
    add(find(document.root, path), moved ?? null);
  } else if (op === 'copy') add(find(document.root, path), clone(read(find(document.root, fromOf(from))) ?? null));
  else if (op !== 'test') throw new NotApplicable(`unexpected kind: ${String(op)}`);
  else if (!deepEqual(read(find(document.root, path)) ?? null, value ?? null)) throw new NotApplicable(`testing value ${path} failed`);
}

const fromOf = (from: unknown): string => {
  if (typeof from === 'string') return from;
  throw new NotApplicable('operation has no from');
};

interface Place {
  readonly container: JsonObject | unknown[];
  readonly key: string;
}

const decoded = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The object or list that a path ends in, and the last part of the path. */
function find(root: unknown, path: string): Place {
  const parts = path.split('/');
  if (parts.length < 2) throw new NotApplicable(`doc is missing path: ${path}`);
  let container = root;
  for (const part of parts.slice(1, -1)) container = read({ container: containerOf(container, path), key: decoded(part) });
  return { container: containerOf(container, path), key: decoded(parts.at(-1)!) };
}

function containerOf(value: unknown, path: string): JsonObject | unknown[] {
  if (isObject(value) || Array.isArray(value)) return value;
  throw new NotApplicable(`doc is missing path: ${path}`);
}

function indexIn(key: string, length: number): number {
  if (!/^[+-]?[0-9]+$/.test(key)) throw new NotApplicable(`value was not a proper array index: ${key}`);
  const index = Number(key);
  if (index >= length || index < -length) throw new NotApplicable(`unable to access invalid index: ${key}`);
  return index < 0 ? index + length : index;
}

function read({ container, key }: Place): unknown {
  if (Array.isArray(container)) return container[indexIn(key, container.length)];
  return Object.hasOwn(container, key) ? container[key] : undefined;
}

function write({ container, key }: Place, value: unknown): void {
  if (Array.isArray(container)) container[indexIn(key, container.length)] = value;
  else setMember(container, key, value);
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) setMember(container, key, value);
  else container.splice(key === '-' ? container.length : indexIn(key, container.length + 1), 0, value);
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexIn(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw new NotApplicable(`unable to remove nonexistent key: ${key}`);
}
