// Defaults have to hold by the rules of their schema, for new objects as well as for changed ones.
import type { FieldError } from '@steersman/api';
import type { SchemaNode } from '../schema/schema-node.js';
import { RuleValidator } from './rule-validator.js';

/** The rules that a default breaks. */
export function validateDefaultByRules(node: SchemaNode, value: unknown, { path, root }: { path: string; root: boolean }): FieldError[] {
  const rules = RuleValidator.of(node, { isResource: root });
  if (!rules) return [];
  const errors = rules.validate(value, value, { path });
  return errors.length ? errors : rules.validate(value, undefined, { path });
}
