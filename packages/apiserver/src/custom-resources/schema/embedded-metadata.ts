// The metadata of custom objects, and of objects embedded in them: brought into the form of ObjectMeta, and checked.
import { DecodeError, decodeObject, definition, field, names, type ObjectMeta, unknownFields, validateMetadata } from '@steersman/api';
import { child, index, key } from './field-path.js';
import { hasValues, isEmbedded, isRecord, itemsOf, type Json, propertyOf, type SchemaNode, valuesOf } from './schema-node.js';

/** Metadata that is none; `problem` says which field of the object and why. */
export class MetadataError extends Error {
  override readonly name = 'MetadataError';

  constructor(
    readonly problem: field.FieldError | undefined,
    message: string,
  ) {
    super(message);
  }
}

const objectMeta = definition('meta.v1.ObjectMeta');

/** Decodes an object's metadata in place; gives back the paths of fields that it does not know. Throws DecodeError. */
export function coerceMetadata(object: Json, path: string): string[] {
  const { metadata } = object;
  if (metadata === undefined) return [];
  if (metadata === null) {
    delete object['metadata'];
    return [];
  }
  const decoded = decodeObject(objectMeta, metadata);
  if (decoded['creationTimestamp'] === null) delete decoded['creationTimestamp'];
  object['metadata'] = decoded;
  return unknownFields(objectMeta, metadata).map((unknown) => child(child(path, 'metadata'), unknown));
}

/** The objects that are embedded, by the schema, each before those inside it. */
function* embeddedIn(value: unknown, schema: SchemaNode | undefined, path: string): Generator<{ object: Json; path: string }, void, undefined> {
  if (!schema) return;
  if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) yield* embeddedIn(item, itemsOf(schema), index(path, position));
    return;
  }
  if (!isRecord(value)) return;
  if (isEmbedded(schema)) yield { object: value, path };
  for (const name of Object.keys(value)) {
    const property = propertyOf(schema, name);
    if (property) yield* embeddedIn(value[name], property, child(path, name));
    else if (hasValues(schema)) yield* embeddedIn(value[name], valuesOf(schema), key(path, name));
  }
}

/** Does so for all objects that are embedded; throws MetadataError. */
export function coerceEmbedded(value: unknown, schema: SchemaNode | undefined, path = ''): string[] {
  const unknown: string[] = [];
  // One at a time: an object's metadata is another before what is inside the object is looked at.
  for (const one of embeddedIn(value, schema, path)) unknown.push(...coerceResource(one.object, one.path));
  return unknown;
}

function coerceResource(object: Json, path: string): string[] {
  for (const name of ['apiVersion', 'kind'])
    if (name in object && typeof object[name] !== 'string') throw metadataError(field.invalid(child(path, name), object[name], 'must be a string'));
  const given = object['metadata'];
  try {
    return coerceMetadata(object, path);
  } catch (error) {
    if (error instanceof DecodeError) throw metadataError(field.invalid(child(path, 'metadata'), given, error.message));
    throw error;
  }
}

const metadataError = (problem: field.FieldError): MetadataError => new MetadataError(problem, `${problem.field}: ${problem.message}`);

/** What is wrong with the metadata of embedded objects. */
export const validateEmbedded = (value: unknown, schema: SchemaNode | undefined, path = ''): field.FieldError[] =>
  [...embeddedIn(value, schema, path)].flatMap((one) => resourceErrors(one.object, one.path));

function resourceErrors(object: Json, path: string): field.FieldError[] {
  const { apiVersion, kind, metadata } = object;
  return [
    ...versionErrors(apiVersion, child(path, 'apiVersion')),
    ...kindErrors(kind, child(path, 'kind')),
    ...(metadata === undefined ? [] : metadataErrors(metadata, child(path, 'metadata'))),
  ];
}

function versionErrors(apiVersion: unknown, path: string): field.FieldError[] {
  if (apiVersion === undefined) return [field.required(path)];
  if (typeof apiVersion !== 'string') return [field.invalid(path, apiVersion, 'must be a string')];
  if (apiVersion === '') return [field.invalid(path, apiVersion, 'must not be empty')];
  return apiVersion.split('/').length > 2 ? [field.invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)] : [];
}

function kindErrors(kind: unknown, path: string): field.FieldError[] {
  if (kind === undefined) return [field.required(path)];
  if (typeof kind !== 'string') return [field.invalid(path, kind, 'must be a string')];
  if (kind === '') return [field.invalid(path, kind, 'must not be empty')];
  const errors = names.dns1035LabelErrors(kind.toLowerCase());
  return errors.length ? [field.invalid(path, kind, `may have mixed case, but should otherwise match: ${errors.join(',')}`)] : [];
}

function metadataErrors(metadata: unknown, path: string): field.FieldError[] {
  let decoded: ObjectMeta;
  try {
    decoded = decodeObject(objectMeta, metadata) as ObjectMeta;
  } catch (error) {
    if (error instanceof DecodeError) return [field.invalid(path, metadata, error.message)];
    throw error;
  }
  const named = { ...decoded, name: decoded.name || 'fakename' };
  const errors = validateMetadata(named, { namespaced: Boolean(named.namespace), nameRule: names.pathSegmentErrors, anyFinalizer: true });
  return errors.map((error) => ({ ...error, field: path + error.field.slice('metadata'.length) }));
}
