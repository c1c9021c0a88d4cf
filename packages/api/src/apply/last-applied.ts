// Objects that kubectl used to apply by itself: its record of what it applied last lets server-side apply by kubectl take over
// without conflicts, and is kept up to date for clients that still go by it.
import { sortedKeys } from '../clone.js';
import type { Schema } from '../schema/schema.js';
import { compareFields } from './compare.js';
import { ApplyConflict } from './conflict.js';
import { difference, type FieldSet, has } from './field-set.js';
import { appliedFields } from './fields-of.js';
import { isMap, type Json } from './shape.js';
import { typedErrors } from './typed-errors.js';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager that stands for kubectl's own record. */
export const kubectlManager = 'kubectl';

function recordOf(object: unknown): string {
  const { annotations } = ((object as Json)['metadata'] ?? {}) as { annotations?: Record<string, string> };
  return annotations?.[annotation] ?? '';
}

/** The conflicts that are left when kubectl may take what its record says it applied; throws them, if any. */
export function checkAgainstRecord(error: ApplyConflict, live: unknown, { apiVersion, schema }: { apiVersion: string; schema: Schema }): void {
  const allowed = recordedFields(live, { apiVersion, schema });
  if (!allowed) throw error;
  const conflicts = error.conflicts.filter(({ path }) => !has(allowed, path));
  if (conflicts.length > 0) throw new ApplyConflict(conflicts);
}

function recordedFields(live: unknown, { apiVersion, schema }: { apiVersion: string; schema: Schema }): FieldSet | undefined {
  try {
    const recorded: unknown = JSON.parse(recordOf(live));
    if (!isMap(recorded) || recorded['apiVersion'] !== apiVersion || typedErrors(schema, recorded).length > 0) return undefined;
    const { added, modified, removed } = compareFields(schema, recorded, live);
    return [added, modified, removed].reduce(difference, appliedFields(schema, recorded));
  } catch {
    return undefined;
  }
}

/** The object with its record brought up to date, where it has one. */
export function withRecord(object: unknown, configuration: unknown): unknown {
  if (!recordOf(object)) return object;
  const { metadata, ...rest } = configuration as Json & { metadata: Json };
  const { annotations, ...others } = metadata;
  const { [annotation]: _, ...kept } = (annotations ?? {}) as Json;
  const recorded = sortedKeys({ ...rest, metadata: { ...others, ...(annotations !== undefined && { annotations: kept }) } });
  const target = object as Json & { metadata: { annotations: Json } };
  return {
    ...target,
    metadata: { ...target.metadata, annotations: { ...target.metadata.annotations, [annotation]: `${JSON.stringify(recorded)}\n` } },
  };
}
