// Configuration files of the server: YAML or JSON of a known kind. What is wrong with one is told in one line that names the file.
import { readFileSync } from 'node:fs';
import type { FieldError } from '@steersman/api';
import { UsageError } from '@steersman/component-base';
import { parse } from 'yaml';

export interface ConfigurationKind {
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
}

/** Reads a file of one of the kind's versions; throws UsageError. */
export function readConfiguration<Configuration>(file: string, kind: ConfigurationKind): Configuration {
  return parseConfiguration(readText(file), file, kind);
}

/** The text of a file; throws UsageError. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

export function parseConfiguration<Configuration>(text: string, file: string, { group, versions, kind }: ConfigurationKind): Configuration {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is not YAML: ${(cause as Error).message.split('\n')[0]}`, { cause });
  }
  const given = (typeof value === 'object' && value !== null ? value : {}) as { apiVersion?: unknown; kind?: unknown };
  const known = versions.map((version) => `${group}/${version}`);
  if (given.kind !== kind || !known.includes(String(given.apiVersion)))
    throw new UsageError(
      `${file} is a ${given.kind ?? 'nothing'} of ${given.apiVersion ?? 'no version'}: a ${kind} of ${known.join(' or ')} is wanted`,
    );
  return value as Configuration;
}

/** Throws one line that lists what is wrong, unless nothing is. */
export function refuseInvalid(file: string, errors: readonly FieldError[]): void {
  if (errors.length) throw new UsageError(`${file}: ${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
}

/** The fields of a value that are none of these. */
export const unknownFields = (value: object, known: readonly string[], path: string): FieldError[] =>
  Object.keys(value)
    .filter((name) => !known.includes(name))
    .map((name) => ({ field: path ? `${path}.${name}` : name, reason: 'FieldValueForbidden' as const, message: 'unknown field' }));
