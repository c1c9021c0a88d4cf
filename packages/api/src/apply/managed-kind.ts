// A kind as far as ownership of its fields goes.
import type { Schema } from '../schema/schema.js';
import type { ResetFields } from './compare.js';

/** A kind in one version: its schema, and an object of any other version turned into it. */
export interface TypedVersion {
  readonly schema: Schema;
  convert(object: unknown): unknown;
}

/** The kind whose objects are managed, in the version of the request. */
export interface ManagedKind {
  readonly apiVersion: string;
  readonly schema: Schema;
  /** What nobody comes to own by this request, because its strategy undoes it. */
  readonly reset: ResetFields;
  /** The same kind in this or another version; undefined where there is none any more. */
  inVersion(apiVersion: string): TypedVersion | undefined;
}
