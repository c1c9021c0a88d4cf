// What is checked of the defaults in a schema: that nothing of them is pruned, and that they are valid themselves.
import { clone, deepEqual, type FieldError, field } from '@steersman/api';
import { validateDefaultByRules } from '../rules/default-rules.js';
import { coerceEmbedded, MetadataError, validateEmbedded } from '../schema/embedded-metadata.js';
import { child, key } from '../schema/field-path.js';
import { pruneValue } from '../schema/pruning.js';
import { asResource, isEmbedded, itemsOf, propertiesOf, type SchemaNode } from '../schema/schema-node.js';
import { validateValue } from '../schema/value-validation.js';

/** What is wrong with the defaults of a version's schema. */
export const validateDefaults = (schema: SchemaNode, path: string): FieldError[] => visit(asResource(schema), { path, root: true });

function visit(node: SchemaNode, { path, root }: { path: string; root: boolean }): FieldError[] {
  const items = itemsOf(node);
  return [
    ...(node.default === undefined ? [] : defaultErrors(node, { path: child(path, 'default'), root })),
    ...(items ? visit(items, { path: child(path, 'items'), root: isEmbedded(items) }) : []),
    ...propertiesOf(node).flatMap(([name, property]) => visit(property, { path: key(child(path, 'properties'), name), root: isEmbedded(property) })),
  ];
}

function defaultErrors(node: SchemaNode, { path, root }: { path: string; root: boolean }): FieldError[] {
  const given = node.default;
  const pruned = clone(given);
  pruneValue(pruned, node);
  const errors = deepEqual(pruned, given) ? [] : [field.invalid(path, given, 'must not have unknown fields')];
  return [...errors, ...valueErrors(node, { path, root })];
}

function valueErrors(node: SchemaNode, { path, root }: { path: string; root: boolean }): FieldError[] {
  const value = clone(node.default);
  try {
    coerceEmbedded(value, node, path);
  } catch (error) {
    if (error instanceof MetadataError && error.problem) return [error.problem];
    throw error;
  }
  const embedded = validateEmbedded(value, node, path);
  if (embedded.length) return embedded;
  const wrong = validateValue(node, value, path);
  return wrong.length ? wrong : validateDefaultByRules(node, value, { path, root });
}
