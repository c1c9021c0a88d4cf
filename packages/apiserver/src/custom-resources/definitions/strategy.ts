// Strategy of CustomResourceDefinitions: their status is the server's, and a deleted one stays until its objects are gone.
import { type CustomResourceDefinition, setCondition, toTime } from '@steersman/api';
import { formatCheck } from '@steersman/cel';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Strategy } from '../../registry/strategy.js';
import { visitSchema } from '../schema/schema-node.js';

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export const asDefinition = (object: ApiObject): CustomResourceDefinition => object as unknown as CustomResourceDefinition;

const storageVersion = ({ spec }: CustomResourceDefinition): string | undefined => spec.versions?.find(({ storage }) => storage)?.name;

/** Formats that are not known are not checked, which the client is told. */
function unknownFormats({ spec }: CustomResourceDefinition): Set<string> {
  const found = new Set<string>();
  for (const { schema } of spec.versions ?? [])
    if (schema?.openAPIV3Schema)
      visitSchema(schema.openAPIV3Schema, ({ type, format }) => {
        if (format && type === 'string' && !formatCheck(format)) found.add(format);
      });
  return found;
}

export const definitionStrategy: Strategy = {
  allowUnconditionalUpdate: false,
  prepareForCreate(object) {
    const stored = storageVersion(asDefinition(object));
    object['status'] = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: stored === undefined ? null : [stored] };
  },
  prepareForUpdate(object) {
    const { status } = asDefinition(object);
    const stored = storageVersion(asDefinition(object));
    if (stored !== undefined && !status?.storedVersions?.includes(stored))
      object['status'] = { ...status, storedVersions: [...(status?.storedVersions ?? []), stored] };
  },
  warnings(object, old) {
    const before = old ? unknownFormats(asDefinition(old)) : new Set();
    return [...unknownFormats(asDefinition(object))].filter((format) => !before.has(format)).map((format) => `unrecognized format "${format}"`);
  },
  markDeletion(object, nowMs) {
    const { metadata, status } = asDefinition(object);
    const condition = {
      type: 'Terminating',
      status: 'True',
      reason: 'InstanceDeletionPending',
      message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    };
    const finalizers = metadata.finalizers ?? [];
    return {
      ...object,
      metadata: {
        ...metadata,
        deletionTimestamp: toTime(nowMs),
        finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer],
      },
      status: { ...status, conditions: setCondition(status?.conditions ?? [], condition, nowMs) },
    };
  },
};
