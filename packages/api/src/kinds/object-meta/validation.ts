// What is checked of the metadata of every kind.
import { deepEqual } from '../../clone.js';
import { duplicate, type FieldError, forbiddenField, invalid, required, tooLong } from '../../field-error.js';
import type { ObjectMeta } from '../../gen/types.js';
import { dns1123LabelErrors, labelValueErrors, qualifiedNameErrors } from '../../names.js';
import { managedFieldsErrors } from './managed-fields-validation.js';

/** What is wrong with a name, in upstream's words. */
export type NameRule = (name: string) => string[];

const maxAnnotationBytes = 256 * 1024;
const plainFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

export interface MetadataRules {
  readonly namespaced: boolean;
  readonly nameRule: NameRule;
  /** Whether finalizers may have names without a path, as those of custom resources and their definitions may. */
  readonly anyFinalizer?: boolean;
}

export function validateMetadata(metadata: ObjectMeta, { namespaced, nameRule, anyFinalizer = false }: MetadataRules): FieldError[] {
  return [...nameErrors(metadata, nameRule), ...namespaceErrors(metadata, namespaced), ...bodyErrors(metadata, anyFinalizer)];
}

function nameErrors({ name, generateName }: ObjectMeta, nameRule: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  if (generateName) {
    const masked = generateName.length > 1 && generateName.endsWith('-') ? `${generateName.slice(0, -2)}a` : generateName;
    errors.push(...nameRule(masked).map((message) => invalid('metadata.generateName', generateName, message)));
  }
  if (!name) errors.push(required('metadata.name', 'name or generateName is required'));
  else errors.push(...nameRule(name).map((message) => invalid('metadata.name', name, message)));
  return errors;
}

function namespaceErrors({ namespace }: ObjectMeta, namespaced: boolean): FieldError[] {
  if (!namespaced) return namespace ? [forbiddenField('metadata.namespace', 'not allowed on this type')] : [];
  if (!namespace) return [required('metadata.namespace')];
  return dns1123LabelErrors(namespace).map((message) => invalid('metadata.namespace', namespace, message));
}

function bodyErrors(
  { generation, labels, annotations, ownerReferences, finalizers, managedFields }: ObjectMeta,
  anyFinalizer: boolean,
): FieldError[] {
  return [
    ...(generation !== undefined && generation < 0 ? [invalid('metadata.generation', generation, 'must be greater than or equal to 0')] : []),
    ...validateLabels(labels, 'metadata.labels'),
    ...validateAnnotations(annotations, 'metadata.annotations'),
    ...ownerErrors(ownerReferences),
    ...finalizerErrors(finalizers, anyFinalizer),
    ...managedFieldsErrors(managedFields),
  ];
}

export function validateLabels(labels: ObjectMeta['labels'], path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key).map((message) => invalid(path, key, message)),
    ...labelValueErrors(value).map((message) => invalid(path, value, message)),
  ]);
}

export function validateAnnotations(annotations: ObjectMeta['annotations'], path: string): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => qualifiedNameErrors(key.toLowerCase()).map((message) => invalid(path, key, message)));
  const size = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return size > maxAnnotationBytes ? [...errors, tooLong(path, maxAnnotationBytes)] : errors;
}

function ownerErrors(owners: ObjectMeta['ownerReferences']): FieldError[] {
  const path = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const owner of owners ?? []) {
    const parts = (owner.apiVersion ?? '').split('/');
    if (parts.length > 2 || !parts.at(-1)) errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    for (const name of ['kind', 'name', 'uid'] as const) if (!owner[name]) errors.push(invalid(`${path}.${name}`, '', 'must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
    if (!owner.controller) continue;
    if (controller !== undefined)
      errors.push(
        invalid(
          path,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.kind}/${owner.name}`,
        ),
      );
    else controller = `${owner.kind}/${owner.name}`;
  }
  return errors;
}

function finalizerErrors(finalizers: ObjectMeta['finalizers'], anyFinalizer: boolean): FieldError[] {
  const path = 'metadata.finalizers';
  const errors = (finalizers ?? []).flatMap((finalizer, index) => [
    ...qualifiedNameErrors(finalizer).map((message) => invalid(path, finalizer, message)),
    ...(anyFinalizer ? [] : finalizerNameErrors(finalizer, `${path}[${index}]`)),
  ]);
  if (finalizers?.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  return errors;
}

/** A finalizer is one of the standard ones, or has a domain in front. */
export const finalizerNameErrors = (finalizer: string, path: string): FieldError[] =>
  finalizer.includes('/') || plainFinalizers.has(finalizer)
    ? []
    : [invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];

/** The rules for metadata that changes. */
export function validateMetadataUpdate(
  metadata: ObjectMeta,
  old: ObjectMeta,
  { anyFinalizer = false }: Pick<MetadataRules, 'anyFinalizer'> = {},
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp) {
    const added = (metadata.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
    if (added.length)
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
        ),
      );
  }
  if ((metadata.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid('metadata.generation', metadata.generation ?? 0, 'must not be decremented'));
  for (const name of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    if (!deepEqual(metadata[name], old[name])) errors.push(invalid(`metadata.${name}`, metadata[name], 'field is immutable'));
  return [...errors, ...bodyErrors(metadata, anyFinalizer)];
}

/** Finds names that occur twice; the error is at `path[index].name`. */
export function duplicateNames(items: readonly { name?: string }[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return (items ?? []).flatMap(({ name = '' }, index) => {
    if (name && seen.has(name)) return [duplicate(`${path}[${index}].name`, name)];
    seen.add(name);
    return [];
  });
}
