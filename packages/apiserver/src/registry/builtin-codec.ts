// The schema engine's work for a built-in kind.
import {
  applyDefaults,
  badRequest,
  DecodeError,
  decodeObject,
  deepFreeze,
  mergeSchemaOf,
  type ObjectSchema,
  strategicMergePatch,
  unknownFields,
  validateCreate,
  validateStatusUpdate,
  validateUpdate,
  warningsOf,
  zeroOf,
} from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import type { KindCodec } from './resource-definition.js';

/** Decodes the body of a kind. Throws 400 where a field is of another type than it has. */
export function decodeKind({ kind, version }: { readonly kind: string; readonly version: string }, schema: ObjectSchema, value: unknown): ApiObject {
  try {
    return decodeObject(schema, value) as ApiObject;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${error.message}`);
    throw error;
  }
}

export function builtinCodec(apiVersion: string, kind: string, schema: ObjectSchema): KindCodec {
  const version = apiVersion.split('/').at(-1)!;
  const mergeSchema = mergeSchemaOf(schema);
  let empty: ApiObject | undefined;
  return {
    decode(value) {
      const object = decodeKind({ kind, version }, schema, value);
      return {
        object: { ...object, kind, apiVersion, metadata: object.metadata ?? {} },
        problems: unknownFields(schema, value).map((path) => `unknown field "${path}"`),
      };
    },
    applyDefaults: (object) => applyDefaults(apiVersion, kind, object),
    validateCreate: (object) => validateCreate(apiVersion, kind, object),
    validateUpdate: (object, old) => validateUpdate(apiVersion, kind, object, old),
    validateStatusUpdate: (object, old) => validateStatusUpdate(apiVersion, kind, object, old),
    warnings: (object, old) => warningsOf(apiVersion, kind, object, old),
    schema,
    get empty() {
      empty ??= deepFreeze({ ...(zeroOf(schema) as ApiObject), apiVersion, kind });
      return empty;
    },
    strategicMerge: (target, patch) => strategicMergePatch(mergeSchema, target as Record<string, unknown>, patch as Record<string, unknown>),
  };
}
