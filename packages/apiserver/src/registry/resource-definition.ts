// A resource as the server serves it: its names, its schema, its strategy; the same for built-in and custom kinds.

import type { FieldError, JSONSchemaProps, ResourceInfo, Schema } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import type { Subresource } from '../subresources/subresource.js';
import type { TableColumns } from '../tables/table-columns.js';
import type { Conversion } from './conversions.js';
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
  /** What is wrong but was before, and is let pass, goes into `warnings`. */
  validateUpdate(object: ApiObject, old: ApiObject, warnings?: string[]): readonly FieldError[];
  validateStatusUpdate(object: ApiObject, old: ApiObject, warnings?: string[]): readonly FieldError[];
  /** What clients are told of an object although it is valid. */
  warnings?(object: ApiObject, old?: ApiObject): readonly string[];
  /** Undefined where the kind takes no strategic merge patches (custom resources). */
  strategicMerge?(target: unknown, patch: unknown): unknown;
  /** By which ownership of fields is told apart; without one maps go by field and lists as a whole. */
  readonly schema?: Schema;
  /** An object of the kind in which nothing is set, from which a new one differs in what its creator owns. */
  readonly empty?: ApiObject;
}

/** How objects lie in the store, where that is not as they are shown; neither changes what it is given. */
export interface StoredForm {
  show(object: ApiObject): ApiObject | Promise<ApiObject>;
  store(object: ApiObject): ApiObject | Promise<ApiObject>;
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
  readonly conversion?: Conversion;
  /** A custom resource. */
  readonly custom?: boolean;
  /** The schema of a custom resource. */
  readonly schema?: JSONSchemaProps;
  /** The fields that selectors may ask for of a custom resource, as they are published. */
  readonly selectableFields?: readonly string[];
  /** How its objects lie in the store, where another version is stored, or an older schema may have been. */
  readonly storedForm?: StoredForm;
  /** A further version of a resource; its group and name alone mean another one. */
  readonly secondary?: boolean;
  /** Told to clients that use this version. */
  readonly deprecation?: string;
  /** The resource is on its way out: nothing new is made of it. */
  readonly terminating?: boolean;
  /** Subresources of this resource alone, beyond its status. */
  readonly subresources?: ReadonlyMap<string, Subresource>;
}
