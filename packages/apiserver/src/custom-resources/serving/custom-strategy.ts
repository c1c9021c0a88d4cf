// Strategy of custom resources: generations, the status subresource, field selectors.
import { deepEqual, names } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Strategy } from '../../registry/strategy.js';
import type { CustomVersion } from './custom-version.js';
import { JsonPath } from './json-path.js';

const withoutMetadata = ({ metadata: _, ...rest }: ApiObject): unknown => rest;

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What clients are told of finalizers that are new to an object. */
function finalizerWarnings(object: ApiObject, old: ApiObject | undefined): string[] {
  const before = new Set(old?.metadata.finalizers);
  const added = [...new Set(object.metadata.finalizers)].filter((one) => !before.has(one)).sort();
  return added.flatMap((finalizer) => {
    const prefix = `metadata.finalizers: ${JSON.stringify(finalizer)}: `;
    const warnings = names.qualifiedNameErrors(finalizer).map((message) => prefix + message);
    if (finalizer.includes('/') || standardFinalizers.has(finalizer)) return warnings;
    const form = finalizer.includes('.') ? 'name including a path (/)' : 'name';
    return [...warnings, `${prefix}prefer a domain-qualified finalizer ${form} to avoid accidental conflicts with other finalizer writers`];
  });
}

export function customStrategy({ version }: CustomVersion): Strategy {
  const selectable = (version.selectableFields ?? []).map(({ jsonPath }) => ({ name: jsonPath.replace(/^\./, ''), path: new JsonPath(jsonPath) }));
  return {
    countsGenerations: false,
    allowUnconditionalUpdate: false,
    prepareForCreate(object) {
      object.metadata = { ...object.metadata, generation: 1 };
    },
    prepareForUpdate(object, old) {
      const changed = !deepEqual(withoutMetadata(object), withoutMetadata(old));
      if (changed) object.metadata = { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 };
    },
    prepareForStatusUpdate(object, old) {
      for (const name of Object.keys(object)) if (name !== 'status' && name !== 'metadata') delete object[name];
      const { managedFields } = object.metadata;
      const { managedFields: _, ...metadata } = old.metadata;
      Object.assign(object, withoutStatus(old), { metadata: { ...metadata, ...(managedFields && { managedFields }) } });
    },
    warnings: finalizerWarnings,
    ...(selectable.length && {
      selectableFields: (object: ApiObject) => Object.fromEntries(selectable.map(({ name, path }) => [name, String(path.find(object)[0] ?? '')])),
    }),
  };
}

const withoutStatus = ({ status: _, ...rest }: ApiObject): object => rest;
