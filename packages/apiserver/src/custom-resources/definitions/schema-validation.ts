// What is checked of a version's schema: that it is structural, its keywords, its extensions, its defaults and its rules.
import { type CustomResourceDefinitionVersion, type FieldError, field } from '@steersman/api';
import { RuleScope } from '../rules/rule-scope.js';
import { SchemaCosts } from '../rules/schema-costs.js';
import { child, index, key } from '../schema/field-path.js';
import {
  isEmbedded,
  isRecord,
  itemsOf,
  listTypeOf,
  mapTypeOf,
  metaFields,
  propertiesOf,
  rulesOf,
  type SchemaNode,
  valuesOf,
} from '../schema/schema-node.js';
import { structuralErrors, unsupportedKeyword } from '../schema/structural.js';
import { validateDefaults } from './default-validation.js';
import { validateListExtensions, validateMapExtensions } from './extension-validation.js';
import { validateRuleForms } from './rule-forms.js';

export interface SchemaOptions {
  /** Where the schema's holder is: `spec.validation` or `spec.versions[0].schema`. */
  readonly path: string;
  readonly hasStatus: boolean;
  /** The schema is what it was: what its rules cost is not asked again. */
  readonly unchanged: boolean;
}

/** The keywords that the root may use where the status is a subresource, as upstream's struct names them. */
const rootFields =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const rootKeywords = new Set([
  ...rootFields.split(' ').map((name) => name[0]!.toLowerCase() + name.slice(1)),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

export function validateSchema(holder: CustomResourceDefinitionVersion['schema'], options: SchemaOptions): FieldError[] {
  const schema = holder?.openAPIV3Schema;
  if (!schema) return [];
  const path = child(options.path, 'openAPIV3Schema');
  const errors = options.hasStatus ? rootErrors(schema, path) : [];
  if (schema.nullable) errors.push(field.forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root'));
  const unsupported = unsupportedKeyword(schema);
  const structural = unsupported === undefined ? structuralErrors(schema, path) : [];
  if (unsupported === undefined && structural.length === 0) structural.push(...validateDefaults(schema, path));
  errors.push(...structural);
  const costs = new SchemaCosts();
  const scope = unsupported === undefined && structural.length === 0 ? RuleScope.ofRoot(schema) : undefined;
  const found = nodeErrors(schema, { path, scope, costs, isRoot: true, allowsDefaults: true, unchanged: options.unchanged });
  errors.push(...found.schema, ...found.rules, ...costs.errors(path));
  if (errors.length === 0 && unsupported !== undefined) errors.push(field.invalid(path, '', unsupported));
  return errors;
}

function rootErrors(schema: SchemaNode, path: string): FieldError[] {
  if (schema.type && schema.type !== 'object')
    return [
      field.invalid(
        `${path}.type`,
        schema.type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    ];
  const other = Object.entries(schema).some(([name, value]) => value !== undefined && !rootKeywords.has(name));
  if (!other) return [];
  const wrong = `only [${rootFields}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [field.invalid(path, schema, wrong)];
}

interface NodePlace {
  readonly path: string;
  readonly scope: RuleScope | undefined;
  readonly costs: SchemaCosts;
  readonly isRoot?: boolean;
  readonly allowsDefaults: boolean;
  /** Why defaults are not allowed. */
  readonly reason?: string;
  readonly insideMeta?: boolean;
  /** The first schema above whose values cannot be found again in an older version of the object. */
  readonly uncorrelatable?: string;
  readonly unchanged: boolean;
}

interface Found {
  readonly schema: FieldError[];
  readonly rules: FieldError[];
}

function nodeErrors(node: SchemaNode, place: NodePlace): Found {
  const found: Found = { schema: [...keywordErrors(node, place), ...mapErrors(node, place)], rules: [] };
  for (const [below, at] of childrenBelow(node, place)) {
    const inner = nodeErrors(below, at);
    found.schema.push(...inner.schema);
    found.rules.push(...inner.rules);
  }
  found.schema.push(...validateMapExtensions(node, place.path), ...validateListExtensions(node, place.path));
  if (rulesOf(node).length === 0) return found;
  found.schema.push(...validateRuleForms(node, place.path));
  // Rules are compiled only where the schemas at and below this level are sound.
  if (found.schema.length === 0 && place.scope) found.rules.push(...place.scope.ruleErrors(place));
  return found;
}

function keywordErrors(node: SchemaNode, { path, allowsDefaults, reason, insideMeta }: NodePlace): FieldError[] {
  const unsupported = (name: string, present: boolean): FieldError[] =>
    present ? [field.forbiddenField(child(path, name), `${name} is not supported`)] : [];
  return [
    ...(node.type && !types.includes(node.type) ? [field.notSupported(child(path, 'type'), node.type, types)] : []),
    ...(node.default !== undefined && !allowsDefaults
      ? [field.forbiddenField(child(path, 'default'), `must not be set${reason ? ` ${reason}` : ''}`)]
      : []),
    ...unsupported('id', Boolean(node.id)),
    ...unsupported('additionalItems', node.additionalItems !== undefined),
    ...unsupported('patternProperties', Object.keys(node.patternProperties ?? {}).length > 0),
    ...unsupported('definitions', Object.keys(node.definitions ?? {}).length > 0),
    ...unsupported('dependencies', node.dependencies !== undefined),
    ...unsupported('$ref', node.$ref !== undefined),
    ...(node.type === 'null' ? [field.forbiddenField(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative')] : []),
    ...(Array.isArray(node.items) && node.items.length
      ? [field.forbiddenField(child(path, 'items'), 'items must be a schema object and not an array')]
      : []),
    ...(insideMeta && isEmbedded(node)
      ? [field.forbiddenField(child(path, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta')]
      : []),
    ...(node.uniqueItems
      ? [field.forbiddenField(child(path, 'uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')]
      : []),
  ];
}

function mapErrors({ additionalProperties, properties }: SchemaNode, { path }: NodePlace): FieldError[] {
  if (additionalProperties === undefined || Object.keys(properties ?? {}).length === 0) return [];
  if (additionalProperties === true) return [];
  return [field.forbiddenField(child(path, 'additionalProperties'), 'additionalProperties and properties are mutual exclusive')];
}

/** The schemas below a node, each with what holds there. */
function childrenBelow(node: SchemaNode, place: NodePlace): [SchemaNode, NodePlace][] {
  const { path, scope } = place;
  const values = valuesOf(node);
  const items = itemsOf(node);
  const { isRoot: _root, ...inherited } = place;
  const nested = (name: string, schemas: readonly SchemaNode[] | undefined): [SchemaNode, NodePlace][] =>
    (schemas ?? []).map((one, position) => [one, { ...inherited, path: index(child(path, name), position), scope: undefined }]);
  const uncorrelatable = place.uncorrelatable ?? path;
  const mapLoses = mapTypeOf(node) !== undefined && mapTypeOf(node) !== 'granular' && mapTypeOf(node) !== 'atomic';
  return [
    ...(values
      ? [
          [
            values,
            {
              ...inherited,
              ...(place.insideMeta && { allowsDefaults: false, reason: 'inside additionalProperties applying to object metadata' }),
              path: child(path, 'additionalProperties'),
              scope: scope?.ofValues(values),
            },
          ] as [SchemaNode, NodePlace],
        ]
      : []),
    ...propertiesOf(node).map(([name, property]): [SchemaNode, NodePlace] => [
      property,
      {
        ...inherited,
        ...propertyPlace(node, name, place),
        ...(mapLoses && { uncorrelatable }),
        path: key(child(path, 'properties'), name),
        scope: scope?.ofProperty(name, property),
      },
    ]),
    ...(node.not ? [[node.not, { ...inherited, path: child(path, 'not'), scope: undefined }] as [SchemaNode, NodePlace]] : []),
    ...nested('allOf', node.allOf),
    ...nested('oneOf', node.oneOf),
    ...nested('anyOf', node.anyOf),
    ...Object.entries(node.definitions ?? {})
      .filter(([, one]) => isRecord(one))
      .map(([name, one]): [SchemaNode, NodePlace] => [one, { ...inherited, path: key(child(path, 'definitions'), name), scope: undefined }]),
    ...(items
      ? [
          [
            items,
            {
              ...inherited,
              ...(listTypeOf(node) !== 'map' && { uncorrelatable }),
              path: child(path, 'items'),
              scope: scope?.ofItems(items),
            },
          ] as [SchemaNode, NodePlace],
        ]
      : []),
  ];
}

function propertyPlace(node: SchemaNode, name: string, { isRoot }: NodePlace): Partial<NodePlace> {
  if (!(isRoot || isEmbedded(node)) || !metaFields.has(name)) return {};
  return { insideMeta: true, ...(isRoot && { allowsDefaults: false, reason: `in top-level ${name}` }) };
}
