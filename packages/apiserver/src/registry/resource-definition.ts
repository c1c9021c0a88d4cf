// A resource as the server serves it: its names, its schema, its strategy; the same for built-in and custom kinds.
import type { FieldError, ResourceInfo } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import type { TableColumns } from '../tables/table-columns.js';
import type { Strategy } from './strategy.js';

/** How decoding went: the object, and what was dropped from it on the way. */
export interface Decoded {
  readonly object: ApiObject;
  /** `unknown field "spec.foo"` and `duplicate field "spec.foo"`, in the order met. */
  readonly problems: readonly string[];
}

/** The schema engine's work for one kind. */
export interface KindCodec {
  /** Parsed JSON as a fresh object, pruned and normalised; throws a 400 StatusError. */
  decode(value: unknown): Decoded;
  /** Fills in defaults. */
  applyDefaults(object: ApiObject): void;
  validateCreate(object: ApiObject): readonly FieldError[];
  validateUpdate(object: ApiObject, old: ApiObject): readonly FieldError[];
  validateStatusUpdate(object: ApiObject, old: ApiObject): readonly FieldError[];
  /** Undefined where the kind takes no strategic merge patches (custom resources). */
  strategicMerge?(target: unknown, patch: unknown): unknown;
}

export interface ResourceDefinition {
  readonly info: ResourceInfo;
  readonly prefix: string;
  readonly codec: KindCodec;
  readonly strategy: Strategy;
  readonly columns?: TableColumns;
  readonly hasStatus: boolean;
  /** What a kind's status is before anybody has written it; undefined where it is simply absent. */
  emptyStatus?(): unknown;
  /** Turns what is stored into this version and back, where the stored version is another. */
  readonly conversion?: { readonly storedGroup?: string; fromStored(object: ApiObject): ApiObject; toStored(object: ApiObject): ApiObject };
  readonly custom?: boolean;
}
