// Label and field selectors of a request, as one test of objects.
import { badRequest, parseFieldSelector, parseLabelSelector } from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';

export interface Selection {
  /** Nothing is left out. */
  readonly all: boolean;
  /** The one name that `metadata.name=` asks for. */
  readonly name?: string;
  matches(object: ApiObject): boolean;
}

const everything: Selection = { all: true, matches: () => true };

/** Throws 400 where a selector cannot be parsed, or names a field that the kind cannot be selected by. */
export function parseSelection(definition: ResourceDefinition, options: { labelSelector?: string; fieldSelector?: string }): Selection {
  const labels = options.labelSelector ? parseLabels(options.labelSelector) : undefined;
  const fields = options.fieldSelector ? parseFields(options.fieldSelector).terms : [];
  if (!labels && fields.length === 0) return everything;
  const supported = selectableNames(definition);
  for (const { field } of fields) if (!supported.has(field)) throw unsupported(definition, field);
  const named = fields.find(({ field, operator }) => field === 'metadata.name' && operator !== '!=');
  return {
    all: false,
    ...(named && { name: named.value }),
    matches(object) {
      if (labels && !labels.matches(object.metadata.labels ?? {})) return false;
      if (fields.length === 0) return true;
      const values = selectableValues(definition, object);
      return fields.every(({ field, operator, value }) => ((values[field] ?? '') === value) === (operator !== '!='));
    },
  };
}

function unsupported({ info, custom, strategy }: ResourceDefinition, field: string): Error {
  if (custom) return badRequest(`field label not supported: ${field}`);
  if (info.group === 'resource.k8s.io') return badRequest(`field label not supported for ${info.group}/${info.version}, Kind=${info.kind}: ${field}`);
  if (strategy.selectableFields || info.group === 'events.k8s.io') return badRequest(`field label not supported: ${field}`);
  return badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

const parseLabels = (text: string): ReturnType<typeof parseLabelSelector> => {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
};

const parseFields = (text: string): ReturnType<typeof parseFieldSelector> => {
  try {
    return parseFieldSelector(text);
  } catch (error) {
    throw badRequest((error as Error).message);
  }
};

const blank = { metadata: {} } as ApiObject;

function selectableNames(definition: ResourceDefinition): Set<string> {
  return new Set(['metadata.name', 'metadata.namespace', ...Object.keys(definition.strategy.selectableFields?.(blank) ?? {})]);
}

const selectableValues = ({ strategy }: ResourceDefinition, object: ApiObject): Readonly<Record<string, string>> => ({
  'metadata.name': object.metadata.name ?? '',
  'metadata.namespace': object.metadata.namespace ?? '',
  ...strategy.selectableFields?.(object),
});
