// What a strategic merge asks of a schema: merge keys, strategies and what is below each field.
import type { MergeField, MergeSchema } from '../patch/strategic-patch.js';
import type { Field, ObjectSchema, Schema } from './schema.js';

const known = new Map<ObjectSchema, MergeSchema>();

/** The merge rules of a kind or definition; fields are looked up as they are met. */
export function mergeSchemaOf(schema: ObjectSchema): MergeSchema {
  const found = known.get(schema);
  if (found) return found;
  const fields = new Map<string, MergeField>();
  const rules: MergeSchema = {
    field(name) {
      const ready = fields.get(name);
      if (ready) return ready;
      const field = schema.fields.get(name);
      if (!field) return undefined;
      const made = mergeFieldOf(field);
      fields.set(name, made);
      return made;
    },
  };
  known.set(schema, rules);
  return rules;
}

function mergeFieldOf({ schema, patchMergeKey, patchStrategy }: Field): MergeField {
  const element = schema.kind === 'list' ? rulesBelow(schema.items) : undefined;
  const child = rulesBelow(schema);
  return { ...(patchMergeKey && { patchMergeKey }), ...(patchStrategy && { patchStrategy }), ...(element && { element }), ...(child && { child }) };
}

function rulesBelow(schema: Schema): MergeSchema | undefined {
  if (schema.kind === 'object') return mergeSchemaOf(schema);
  if (schema.kind === 'map') {
    const values = rulesBelow(schema.values);
    return { field: () => (values ? { child: values } : {}) };
  }
  return undefined;
}
