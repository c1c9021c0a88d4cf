// What is checked of a CustomResourceDefinition, when it is created, changed, and when its status is written.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
import {
  type CustomResourceDefinition,
  type CustomResourceDefinitionVersion,
  deepEqual,
  type FieldError,
  field,
  goStruct,
  isConditionTrue,
  names,
  validateMetadata,
  validateMetadataUpdate,
  validateWebhookClient,
} from '@steersman/api';
import { validateApproval } from './approval.js';
import { type DefinitionSpec, definitionSpec } from './definition-spec.js';
import { validateNames } from './names-validation.js';
import { validateSchema } from './schema-validation.js';
import { validateColumns, validateDeprecation, validateSelectableFields, validateSubresources } from './version-validation.js';

const { dns1035LabelErrors, dns1123SubdomainErrors } = names;

export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { spec, metadata } = definition;
  const wanted = `${spec.names?.plural}.${spec.group}`;
  const nameRule = (name: string): string[] => [
    ...dns1123SubdomainErrors(name),
    ...(name === wanted ? [] : ['must be spec.names.plural+"."+spec.group']),
  ];
  return [
    ...validateMetadata(metadata, { namespaced: false, nameRule, anyFinalizer: true }),
    ...specErrors(definitionSpec(spec), undefined),
    ...statusErrors(definition),
    ...validateApproval(definition, undefined),
    ...preservationErrors(definition),
  ];
}

export function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const immutable = (path: string, value: unknown, before: unknown): FieldError[] =>
    deepEqual(value, before) ? [] : [field.invalid(path, value, 'field is immutable')];
  const { spec } = definition;
  const established = isConditionTrue(old.status?.conditions, 'Established');
  return [
    ...validateMetadataUpdate(definition.metadata, old.metadata, { anyFinalizer: true }),
    ...specErrors(definitionSpec(spec), old),
    ...(established
      ? [...immutable('spec.scope', spec.scope, old.spec.scope), ...immutable('spec.names.kind', spec.names.kind, old.spec.names.kind)]
      : []),
    ...immutable('spec.group', spec.group, old.spec.group),
    ...immutable('spec.names.plural', spec.names.plural, old.spec.names.plural),
    ...statusErrors(definition),
    ...validateApproval(definition, old),
    ...(old.spec.preserveUnknownFields ? [] : preservationErrors(definition)),
  ];
}

export const validateDefinitionStatus = (definition: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] => [
  ...validateMetadataUpdate(definition.metadata, old.metadata, { anyFinalizer: true }),
  ...validateNames(definition.status?.acceptedNames ?? { plural: '', kind: '' }, 'status.acceptedNames'),
];

const preservationErrors = ({ spec }: CustomResourceDefinition): FieldError[] =>
  spec.preserveUnknownFields
    ? [
        field.invalid(
          'spec.preserveUnknownFields',
          true,
          'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
        ),
      ]
    : [];

function statusErrors({ status, spec }: CustomResourceDefinition): FieldError[] {
  const path = 'status.storedVersions';
  const stored = status?.storedVersions ?? [];
  const accepted = validateNames(status?.acceptedNames ?? { plural: '', kind: '' }, 'status.acceptedNames');
  if (stored.length === 0) return [...accepted, field.invalid(path, status?.storedVersions, 'must have at least one stored version')];
  const left = new Map(stored.map((name, position) => [name, position]));
  const errors: FieldError[] = [];
  for (const { name, storage } of spec.versions) {
    if (storage && !left.has(name)) errors.push(field.invalid(path, stored, `must have the storage version ${name}`));
    left.delete(name);
  }
  for (const [name, position] of left)
    errors.push(
      field.invalid(
        `${path}[${position}]`,
        name,
        `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
      ),
    );
  return [...accepted, ...errors];
}

function specErrors(spec: DefinitionSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  const unchanged = unchangedSchemas(spec, old);
  return [
    ...groupErrors(spec.group),
    ...scopeErrors(spec.scope),
    ...(spec.validation?.openAPIV3Schema
      ? []
      : spec.versions.flatMap(({ schema }, position) =>
          schema?.openAPIV3Schema ? [] : [field.required(`spec.versions[${position}].schema.openAPIV3Schema`)],
        )),
    ...(hasDefaults(spec) && spec.preserveUnknownFields
      ? [field.invalid('spec.preserveUnknownFields', true, 'must be false in order to use defaults in the schema')]
      : []),
    ...spec.versions.flatMap((version, position) => versionErrors(spec, version, { path: `spec.versions[${position}]`, unchanged, old })),
    ...versionListErrors(spec),
    ...requiredNames(spec),
    ...validateNames(spec.names ?? { plural: '', kind: '' }, 'spec.names'),
    ...validateSchema(spec.validation, { path: 'spec.validation', hasStatus: hasAnyStatus(spec), unchanged: unchanged.has(spec.version ?? '') }),
    ...validateSubresources(spec.subresources, 'spec.subresources'),
    ...validateColumns(spec.additionalPrinterColumns, 'spec.additionalPrinterColumns'),
    ...selectableErrors(spec, old),
    ...conversionErrors(spec, old),
  ];
}

function groupErrors(group: string | undefined): FieldError[] {
  if (!group) return [field.required('spec.group')];
  const errors = dns1123SubdomainErrors(group);
  if (errors.length) return [field.invalid('spec.group', group, errors.join(','))];
  return group.includes('.') ? [] : [field.invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeErrors(scope: string | undefined): FieldError[] {
  if (!scope) return [field.required('spec.scope')];
  return ['Cluster', 'Namespaced'].includes(scope) ? [] : [field.notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

const hasDefaults = (spec: DefinitionSpec): boolean =>
  JSON.stringify([spec.validation, spec.versions.map(({ schema }) => schema)]).includes('"default":');

/** The versions whose schema is what it was before. */
function unchangedSchemas(spec: DefinitionSpec, old: CustomResourceDefinition | undefined): Set<string> {
  const before = new Map(old?.spec.versions.map((version) => [version.name, version.schema]));
  const same = spec.versions.filter(({ name, schema }) => before.has(name) && deepEqual(before.get(name), schema ?? spec.validation));
  return new Set(same.map(({ name }) => name));
}

interface VersionPlace {
  readonly path: string;
  readonly unchanged: ReadonlySet<string>;
  readonly old: CustomResourceDefinition | undefined;
}

function versionErrors(spec: DefinitionSpec, version: CustomResourceDefinitionVersion, { path, unchanged, old }: VersionPlace): FieldError[] {
  const wrong = dns1035LabelErrors(version.name ?? '');
  const hasStatus = (version.subresources ?? spec.subresources)?.status !== undefined;
  const errors = [
    ...(wrong.length ? [field.invalid(`${path}.name`, version.name, wrong.join(','))] : []),
    ...validateDeprecation(version, path),
    ...validateSchema(version.schema, { path: `${path}.schema`, hasStatus, unchanged: unchanged.has(version.name) }),
    ...validateSubresources(version.subresources, `${path}.subresources`),
    ...validateColumns(version.additionalPrinterColumns, `${path}.additionalPrinterColumns`),
  ];
  if (!version.selectableFields?.length) return errors;
  const schema = version.schema?.openAPIV3Schema ?? spec.validation?.openAPIV3Schema;
  const before = old?.spec.versions.find(({ name }) => name === version.name)?.selectableFields;
  const options = { path: `${path}.selectableFields`, unlimited: deepEqual(before, version.selectableFields) };
  return [...errors, ...(schema ? validateSelectableFields(version.selectableFields, schema, options) : [])];
}

function versionListErrors({ versions, version }: DefinitionSpec): FieldError[] {
  const path = 'spec.versions';
  const shown = goStruct(versions);
  const wrong = version === undefined ? [] : dns1035LabelErrors(version);
  return [
    ...(new Set(versions.map(({ name }) => name)).size < versions.length ? [field.invalid(path, shown, 'must contain unique version names')] : []),
    ...(versions.filter(({ storage }) => storage).length === 1
      ? []
      : [field.invalid(path, shown, 'must have exactly one version marked as storage version')]),
    ...(wrong.length ? [field.invalid('spec.version', version, wrong.join(','))] : []),
  ];
}

const requiredNames = ({ names: given }: DefinitionSpec): FieldError[] =>
  (['plural', 'singular', 'kind', 'listKind'] as const).filter((name) => !given?.[name]).map((name) => field.required(`spec.names.${name}`));

const hasAnyStatus = ({ subresources, versions }: DefinitionSpec): boolean =>
  subresources?.status !== undefined || versions.some((version) => version.subresources?.status !== undefined);

function selectableErrors(spec: DefinitionSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  const path = 'spec.selectableFields';
  if (!spec.selectableFields?.length) return [];
  const schema = spec.validation?.openAPIV3Schema;
  if (!schema) return [field.invalid(path, '', 'may only be set when validations.schema is included')];
  const before = old && definitionSpec(old.spec).selectableFields;
  return validateSelectableFields(spec.selectableFields, schema, { path, unlimited: deepEqual(before, spec.selectableFields) });
}

const reviewVersions = ['v1', 'v1beta1'];

function conversionErrors({ conversion, preserveUnknownFields }: DefinitionSpec, old: CustomResourceDefinition | undefined): FieldError[] {
  if (!conversion) return [];
  const path = 'spec.conversion';
  const { strategy, webhook } = conversion;
  const versions = webhook?.conversionReviewVersions ?? [];
  const errors = ['None', 'Webhook'].includes(strategy) ? [] : [field.notSupported(`${path}.strategy`, strategy, ['None', 'Webhook'])];
  if (strategy !== 'None' && preserveUnknownFields)
    errors.push(field.invalid(`${path}.strategy`, strategy, 'must be None if spec.preserveUnknownFields is true'));
  if (strategy === 'Webhook') {
    if (webhook?.clientConfig) errors.push(...validateWebhookClient(webhook.clientConfig, `${path}.webhookClientConfig`));
    else errors.push(field.required(`${path}.webhookClientConfig`, 'required when strategy is set to Webhook'));
    return [...errors, ...reviewVersionErrors(versions, `${path}.conversionReviewVersions`, old)];
  }
  const unset = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig) errors.push(field.forbiddenField(`${path}.webhookClientConfig`, unset));
  if (versions.length) errors.push(field.forbiddenField(`${path}.conversionReviewVersions`, unset));
  return errors;
}

function reviewVersionErrors(versions: readonly string[], path: string, old: CustomResourceDefinition | undefined): FieldError[] {
  if (versions.length === 0) return [field.required(path)];
  const known = (list: readonly string[]): boolean => list.some((version) => reviewVersions.includes(version));
  const before = old?.spec.conversion?.webhook?.conversionReviewVersions ?? [];
  return [
    ...versions.flatMap((version, position) =>
      versions.indexOf(version) < position
        ? [field.invalid(`${path}[${position}]`, version, 'duplicate version')]
        : dns1035LabelErrors(version).map((message) => field.invalid(`${path}[${position}]`, version, message)),
    ),
    ...(known(versions) || (before.length > 0 && !known(before))
      ? []
      : [field.invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`)]),
  ];
}
