// The fields that a definition names for its scale subresource: read, checked, and written.
import { type CustomResourceSubresourceScale, clone, type FieldError, field } from '@steersman/api';
import { isRecord, type Json } from '../schema/schema-node.js';

const maxReplicas = 2 ** 31 - 1;

const partsOf = (path: string): string[] => path.replace(/^\./, '').split('.');

/** The path as field sets spell it. */
export const fieldPathOf = (path: string): string[] => partsOf(path).map((part) => `f:${part}`);

/** The value at a path such as `.spec.replicas`. */
function valueAt(object: Json, path: string): unknown {
  let value: unknown = object;
  for (const part of partsOf(path)) {
    if (!isRecord(value)) return undefined;
    value = value[part];
  }
  return value;
}

const goType = (value: unknown): string =>
  Array.isArray(value)
    ? '[]interface {}'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'object'
        ? 'map[string]interface {}'
        : typeof value;

export class ScaleFieldError extends Error {
  override readonly name = 'ScaleFieldError';
}

const wrongType = (path: string, value: unknown, wanted: string): ScaleFieldError =>
  new ScaleFieldError(`.${partsOf(path).join('.')} accessor error: ${String(value)} is of the type ${goType(value)}, expected ${wanted}`);

/** The count at a path, if it is there; throws where it is none. */
export function replicasAt(object: Json, path: string): number | undefined {
  const value = valueAt(object, path);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(path, value, 'int64');
  return value;
}

export function selectorAt(object: Json, path: string | undefined): string {
  const value = path ? valueAt(object, path) : undefined;
  if (value === undefined) return '';
  if (typeof value !== 'string') throw wrongType(path!, value, 'string');
  return value;
}

/** The object with another count at the path. */
export function withReplicas<T extends Json>(object: T, path: string, replicas: number): T {
  const changed = clone(object);
  const parts = partsOf(path);
  let at: Json = changed;
  for (const part of parts.slice(0, -1)) {
    if (!isRecord(at[part])) at[part] = {};
    at = at[part] as Json;
  }
  at[parts.at(-1)!] = replicas;
  return changed;
}

function countErrors(object: Json, path: string): FieldError[] {
  try {
    const replicas = replicasAt(object, path) ?? 0;
    if (replicas < 0) return [field.invalid(path, replicas, 'should be a non-negative integer')];
    return replicas > maxReplicas ? [field.invalid(path, replicas, `should be less than or equal to ${maxReplicas}`)] : [];
  } catch (error) {
    if (error instanceof ScaleFieldError) return [field.invalid(path, 0, error.message)];
    throw error;
  }
}

export const scaleSpecErrors = (object: Json, scale: CustomResourceSubresourceScale | undefined): FieldError[] =>
  scale ? countErrors(object, scale.specReplicasPath) : [];

export function scaleStatusErrors(object: Json, scale: CustomResourceSubresourceScale | undefined): FieldError[] {
  if (!scale) return [];
  const errors = countErrors(object, scale.statusReplicasPath);
  try {
    selectorAt(object, scale.labelSelectorPath);
    return errors;
  } catch (error) {
    if (error instanceof ScaleFieldError) return [...errors, field.invalid(scale.labelSelectorPath ?? '', '', error.message)];
    throw error;
  }
}
