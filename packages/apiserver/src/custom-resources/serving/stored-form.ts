// From the version in which a custom object is stored to the one in which it is shown, and back.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
import { clone, groupVersion, sortedKeys, splitApiVersion } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { StoredForm } from '../../registry/resource-definition.js';
import { fillDefaults } from '../schema/defaulting.js';
import type { Json } from '../schema/schema-node.js';
import { conform } from './custom-codec.js';
import type { CustomVersion } from './custom-version.js';

/** Turns an object into another version, given as apiVersion. The object given is the converter's to change. */
export type Converter = (object: ApiObject, apiVersion: string) => ApiObject | Promise<ApiObject>;

/** The strategy None: all versions have the same fields. */
export const relabel: Converter = (object, apiVersion) => ({ ...object, apiVersion });

/** Upstream writes custom objects as maps: their fields in order of name. */
const withSortedKeys = (object: ApiObject): ApiObject => sortedKeys(object) as ApiObject;

export function storedForm({ info, schemas, storageVersion }: CustomVersion, convert: Converter): StoredForm {
  const shownVersion = groupVersion(info);
  const keptVersion = groupVersion({ ...info, version: storageVersion });
  const schemaOf = (apiVersion: string | undefined): ReturnType<typeof schemas.get> => schemas.get(splitApiVersion(apiVersion ?? '').version);
  const conformed = (object: ApiObject): ApiObject => {
    conform(object as Json, schemaOf(object.apiVersion));
    return object;
  };
  const converted = (object: ApiObject, apiVersion: string): ApiObject | Promise<ApiObject> => {
    if (object.apiVersion === apiVersion) return object;
    const result = convert(object, apiVersion);
    return result instanceof Promise ? result.then(conformed) : conformed(result);
  };
  return {
    show(object) {
      const copy = conformed(clone(object));
      fillDefaults(copy, schemaOf(copy.apiVersion));
      copy.metadata = { ...copy.metadata, generation: copy.metadata.generation ?? 1 };
      return converted(copy, shownVersion);
    },
    store(object) {
      const kept = object.apiVersion === keptVersion ? object : converted(clone(object), keptVersion);
      return kept instanceof Promise ? kept.then(withSortedKeys) : withSortedKeys(kept);
    },
  };
}
