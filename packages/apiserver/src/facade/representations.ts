// Tables and metadata-only forms of objects and lists.
import type { ApiObject, CachedObject } from '../cache/cached-object.js';
import type { ListAnswer } from '../handler/read.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import { defaultColumns } from '../tables/default-columns.js';

/** Annotations that stand for fields which other versions of the kind have: they are no metadata of the object itself. */
const annotationsForFields: Readonly<Record<string, readonly string[]>> = {
  DaemonSet: ['deprecated.daemonset.template.generation'],
  HorizontalPodAutoscaler: ['conditions', 'metrics', 'current-metrics', 'behavior'].map((name) => `autoscaling.alpha.kubernetes.io/${name}`),
};

export const partialMetadata = ({ kind = '', metadata }: ApiObject, version: string): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: `meta.k8s.io/${version}`,
  metadata: annotationsForFields[kind] ? withoutAnnotations(metadata, annotationsForFields[kind]) : metadata,
});

function withoutAnnotations({ annotations, ...metadata }: ApiObject['metadata'], names: readonly string[]): ApiObject['metadata'] {
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !names.includes(name));
  return { ...metadata, ...(kept.length && { annotations: Object.fromEntries(kept) }) };
}

export function partialMetadataList({ items, ...list }: ListAnswer, version: string): object {
  return {
    kind: 'PartialObjectMetadataList',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: listMetadata(list),
    items: items.map(({ object }) => partialMetadata(object, version)),
  };
}

const listMetadata = ({ resourceVersion, continue: next, remainingItemCount }: Omit<ListAnswer, 'items'>): object => ({
  resourceVersion,
  ...(next && { continue: next }),
  ...(remainingItemCount !== undefined && { remainingItemCount }),
});

export interface TableOptions {
  readonly version: string;
  readonly nowMs: number;
  /** Metadata (the default), Object or None. */
  readonly includeObject: string;
  /** Events after the first of a watch leave the columns out. */
  readonly withColumns?: boolean;
  readonly list?: Omit<ListAnswer, 'items'>;
}

export function tableOf(
  { columns = defaultColumns }: ResourceDefinition,
  items: readonly CachedObject[],
  { version, nowMs, includeObject, withColumns = true, list }: TableOptions,
): object {
  const metadata = list ? listMetadata(list) : { resourceVersion: items[0]?.object.metadata.resourceVersion ?? '' };
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata,
    columnDefinitions: withColumns ? columns.columns : null,
    rows: items.map(({ object }) => {
      const conditions = columns.conditions?.(object);
      return { cells: columns.cells(object, nowMs), ...(conditions && { conditions }), object: rowObject(object, { version, includeObject }) };
    }),
  };
}

function rowObject(object: ApiObject, { version, includeObject }: { version: string; includeObject: string }): object | null {
  if (includeObject === 'None') return null;
  return includeObject === 'Object' ? object : partialMetadata(object, version);
}
