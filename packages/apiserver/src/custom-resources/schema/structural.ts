// Whether a schema is structural: every field has a type, and value validations only validate.
// Mirrors https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
import { deepEqual, type FieldError, field } from '@steersman/api';
import { patternOf } from '@steersman/cel';
import { child, index, key } from './field-path.js';
import {
  isEmbedded,
  isIntOrString,
  isRecord,
  itemsOf,
  preservesUnknown,
  propertiesOf,
  propertyOf,
  type SchemaNode,
  valuesOf,
} from './schema-node.js';

type Level = 'root' | 'item' | 'field';

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/** The keywords that no schema of a definition may use; the text of the first one met, if any. */
export function unsupportedKeyword(node: SchemaNode): string | undefined {
  const own: [string, boolean][] = [
    ['id', Boolean(node.id)],
    ['schema', Boolean(node.$schema)],
    ['$ref', Boolean(node.$ref)],
    ['patternProperties', Object.keys(node.patternProperties ?? {}).length > 0],
    ['dependencies', Object.keys(node.dependencies ?? {}).length > 0],
    ['additionalItems', node.additionalItems !== undefined],
    ['definitions', Object.keys(node.definitions ?? {}).length > 0],
  ];
  const used = own.find(([, present]) => present);
  if (used) return `OpenAPIV3Schema '${used[0]}' is not supported`;
  if (node['x-kubernetes-preserve-unknown-fields'] === false)
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  if (Array.isArray(node.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const below = [node.not, ...(node.allOf ?? []), ...(node.anyOf ?? []), ...(node.oneOf ?? []), itemsOf(node), valuesOf(node)];
  for (const one of [...below, ...Object.values(node.properties ?? {})]) {
    const found = one && unsupportedKeyword(one);
    if (found) return found;
  }
  return undefined;
}

/** What keeps a schema from being structural. */
export function structuralErrors(schema: SchemaNode, path: string): FieldError[] {
  return [...invariantErrors(schema, 'root', path), ...completenessErrors(schema, path)];
}

function invariantErrors(node: SchemaNode, level: Level, path: string): FieldError[] {
  const items = itemsOf(node);
  const values = valuesOf(node);
  return [
    ...(node.type === 'array' && !items ? [field.required(child(path, 'items'), 'must be specified')] : []),
    ...(items ? invariantErrors(items, 'item', child(path, 'items')) : []),
    ...propertiesOf(node).flatMap(([name, property]) => invariantErrors(property, 'field', key(child(path, 'properties'), name))),
    ...(node.additionalProperties !== undefined && level === 'root'
      ? [field.forbiddenField(child(path, 'additionalProperties'), 'must not be used at the root')]
      : []),
    ...(values ? invariantErrors(values, 'field', child(path, 'additionalProperties')) : []),
    ...extensionErrors(node, path),
    ...valueErrors(node, { path, skipAnyOf: isIntOrStringUnion(node.anyOf), skipFirstAllOf: isIntOrStringUnion(node.allOf?.[0]?.anyOf) }),
    ...typeErrors(node, level, path),
    ...metaErrors(node, level, path),
  ];
}

function extensionErrors(node: SchemaNode, path: string): FieldError[] {
  if (!isIntOrString(node)) return [];
  const wrong = 'must be false if x-kubernetes-int-or-string is true';
  return [
    ...(preservesUnknown(node) ? [field.invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), true, wrong)] : []),
    ...(isEmbedded(node) ? [field.invalid(child(path, 'x-kubernetes-embedded-resource'), true, wrong)] : []),
  ];
}

function typeErrors(node: SchemaNode, level: Level, path: string): FieldError[] {
  const at = child(path, 'type');
  const errors: FieldError[] = [];
  if (isEmbedded(node) && node.type !== 'object') {
    const wrong = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(node.type ? field.invalid(at, node.type, wrong) : field.required(at, wrong));
  } else if (!node.type && !isIntOrString(node) && !preservesUnknown(node)) errors.push(field.required(at, emptyType[level]));
  if (isEmbedded(node) && node.additionalProperties !== undefined)
    errors.push(field.forbiddenField(child(path, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'));
  if (level === 'root' && node.type && node.type !== 'object') errors.push(field.invalid(at, node.type, 'must be object at the root'));
  if (isEmbedded(node) && !preservesUnknown(node) && Object.keys(node.properties ?? {}).length === 0)
    errors.push(
      field.required(
        child(path, 'properties'),
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    );
  return errors;
}

/** Kind, version and metadata of an object have their fixed form. */
function metaErrors(node: SchemaNode, level: Level, path: string): FieldError[] {
  const isObject = level === 'root' || isEmbedded(node);
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(node, name);
    if (isObject && property && property.type !== 'string')
      errors.push(field.invalid(`${key(child(path, 'properties'), name)}.type`, property.type ?? '', 'must be string'));
  }
  const metadata = propertyOf(node, 'metadata');
  if (!metadata) return errors;
  const at = key(child(path, 'properties'), 'metadata');
  if (isObject && metadata.type !== 'object') errors.push(field.invalid(`${at}.type`, metadata.type ?? '', 'must be object'));
  if (level === 'root' && saysMore(metadata))
    errors.push(field.forbiddenField(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'));
  return errors;
}

function saysMore({ type: _type, default: _default, properties, ...rest }: SchemaNode): boolean {
  const named = Object.keys(properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  return named.length > 0 || Object.values(rest).some((value) => value !== undefined);
}

const union = [{ type: 'integer' }, { type: 'string' }];
const isIntOrStringUnion = (schemas: SchemaNode['anyOf']): boolean => deepEqual(schemas, union);

interface ValuePlace {
  readonly path: string;
  readonly skipAnyOf?: boolean;
  readonly skipFirstAllOf?: boolean;
}

function valueErrors(node: SchemaNode, { path, skipAnyOf = false, skipFirstAllOf = false }: ValuePlace): FieldError[] {
  const each = (name: 'anyOf' | 'allOf' | 'oneOf'): FieldError[] =>
    (node[name] ?? []).flatMap((one, position) =>
      nestedErrors(one, { path: index(child(path, name), position), skipAnyOf: name === 'allOf' && position === 0 && skipFirstAllOf }),
    );
  const pattern = node.pattern ? patternOf(node.pattern) : undefined;
  return [
    ...(skipAnyOf ? [] : each('anyOf')),
    ...each('allOf'),
    ...each('oneOf'),
    ...(node.not ? nestedErrors(node.not, { path: child(path, 'not') }) : []),
    ...(pattern && 'problem' in pattern
      ? [field.invalid(child(path, 'pattern'), node.pattern, `must be a valid regular expression, but isn't: ${pattern.problem}`)]
      : []),
  ];
}

/** Inside a value validation nothing may say what there is, only how it has to be. */
function nestedErrors(node: SchemaNode, place: ValuePlace): FieldError[] {
  const { path } = place;
  const items = itemsOf(node);
  const never = (name: string, present: boolean, wrong: string): FieldError[] => (present ? [field.forbiddenField(child(path, name), wrong)] : []);
  const empty = 'must be empty to be structural';
  const absent = 'must be undefined to be structural';
  const no = 'must be false to be structural';
  return [
    ...valueErrors(node, place),
    ...(items ? nestedErrors(items, { path: child(path, 'items') }) : []),
    ...propertiesOf(node).flatMap(([name, property]) => nestedErrors(property, { path: key(child(path, 'properties'), name) })),
    ...never('type', Boolean(node.type), empty),
    ...never('additionalProperties', node.additionalProperties === true || isRecord(node.additionalProperties), absent),
    ...never('default', node.default !== undefined, absent),
    ...never('title', Boolean(node.title), empty),
    ...never('description', Boolean(node.description), empty),
    ...never('nullable', node.nullable === true, no),
    ...never('x-kubernetes-preserve-unknown-fields', preservesUnknown(node), no),
    ...never('x-kubernetes-embedded-resource', isEmbedded(node), no),
    ...never('x-kubernetes-int-or-string', isIntOrString(node), no),
    ...never('x-kubernetes-list-map-keys', (node['x-kubernetes-list-map-keys'] ?? []).length > 0, empty),
    ...never('x-kubernetes-list-type', node['x-kubernetes-list-type'] !== undefined, absent),
    ...never('x-kubernetes-map-type', node['x-kubernetes-map-type'] !== undefined, absent),
    ...never('x-kubernetes-validations', (node['x-kubernetes-validations'] ?? []).length > 0, empty),
    ...never('properties[metadata]', propertyOf(node, 'metadata') !== undefined, 'must not be specified in a nested context'),
  ];
}

/** The value validations of a node, with their paths. */
const nestedOf = (node: SchemaNode, path: string): (readonly [SchemaNode, string])[] => [
  ...(node.not ? [[node.not, child(path, 'not')] as const] : []),
  ...(['allOf', 'anyOf', 'oneOf'] as const).flatMap((name) =>
    (node[name] ?? []).map((one, position) => [one, index(child(path, name), position)] as const),
  ),
];

/** Whatever the value validations of the root speak of is specified outside of them as well. */
const completenessErrors = (node: SchemaNode, path: string): FieldError[] =>
  nestedOf(node, path).flatMap(([one, at]) => missingFrom(node, one, { skeleton: path, nested: at }));

function missingFrom(outer: SchemaNode | undefined, node: SchemaNode, at: { skeleton: string; nested: string }): FieldError[] {
  if (!outer) return [field.required(at.skeleton, `because it is defined in ${at.nested}`)];
  const items = itemsOf(node);
  const errors = nestedOf(node, at.nested).flatMap(([one, nested]) => missingFrom(outer, one, { ...at, nested }));
  if (items) errors.push(...missingFrom(itemsOf(outer), items, { skeleton: child(at.skeleton, 'items'), nested: child(at.nested, 'items') }));
  for (const [name, property] of propertiesOf(node)) {
    const place = { skeleton: key(child(at.skeleton, 'properties'), name), nested: key(child(at.nested, 'properties'), name) };
    errors.push(...missingFrom(propertyOf(outer, name), property, place));
  }
  return errors;
}
