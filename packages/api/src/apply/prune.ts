// What an applier let go of: fields that it applied last time, not this time, and that nobody else owns.
import type { Schema } from '../schema/schema.js';
import { difference, type FieldSet, intersection, isEmptySet, leaf, union, withSelf } from './field-set.js';
import { appliedFields } from './fields-of.js';
import type { ManagedKind } from './managed-kind.js';
import type { Manager, Managers } from './managers.js';
import { removeFields } from './remove.js';
import { isDeclared, schemaOfField } from './shape.js';

/** The merged object without what the applier let go of. */
export function pruned(kind: ManagedKind, managers: Managers, { merged, last }: { merged: unknown; last: Manager | undefined }): unknown {
  if (!last || isEmptySet(last.fields)) return merged;
  const version = kind.inVersion(last.apiVersion);
  if (!version) return merged;
  const whole = version.convert(merged);
  const lastFields = withStructs(version.schema, last.fields);
  const owned = withOwned(kind, managers, { whole, version: last.apiVersion, left: removeFields(version.schema, whole, lastFields) });
  const all = withStructs(version.schema, appliedFields(version.schema, whole));
  const kept = withStructs(version.schema, appliedFields(version.schema, owned));
  const result = removeFields(version.schema, whole, intersection(difference(all, kept), lastFields));
  return kind.inVersion(kind.apiVersion)?.convert(result);
}

/** Puts back what some manager, or the new configuration, owns in any version. */
function withOwned(kind: ManagedKind, managers: Managers, { whole, version, left }: { whole: unknown; version: string; left: unknown }): unknown {
  const byVersion = new Map<string, FieldSet>([[version, leaf]]);
  for (const { apiVersion, fields } of managers.values()) byVersion.set(apiVersion, union(byVersion.get(apiVersion) ?? leaf, fields));
  let result = left;
  for (const [apiVersion, owned] of byVersion) {
    const typed = kind.inVersion(apiVersion);
    if (!typed) continue;
    const { schema } = typed;
    const merged = typed.convert(whole);
    const keep = union(withStructs(schema, appliedFields(schema, typed.convert(result))), withStructs(schema, owned));
    result = removeFields(schema, merged, difference(withStructs(schema, appliedFields(schema, merged)), keep));
  }
  return kind.inVersion(version)?.convert(result);
}

/** The set with the structs on the way to its fields, which sets leave out. */
function withStructs(schema: Schema, set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element in set) {
    const part = set[element]!;
    if (element === '.' || isEmptySet(part)) {
      result[element] = part;
      continue;
    }
    const name = element.startsWith('f:') ? element.slice(2) : undefined;
    const inner = name === undefined ? (schema.kind === 'list' ? schema.items : undefined) : schemaOfField(schema, name);
    const below = inner ? withStructs(inner, part) : part;
    result[element] = name !== undefined && isDeclared(schema, name) ? withSelf(below) : below;
  }
  return result;
}
