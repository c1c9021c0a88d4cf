// Claims for storage, by themselves and as templates.

import { clone, deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '../../gen/types.js';
import { dns1123SubdomainErrors } from '../../names.js';
import { compareQuantities } from '../../quantity.js';
import { invalidFor, oneOf, unchanged } from '../field-checks.js';
import { validateAnnotations, validateLabels } from '../object-meta/validation.js';
import { positiveQuantity, resourceNameErrors, resourceQuantityErrors } from '../resource-names.js';
import { validateSelector } from '../selector-validation.js';

export const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

export function accessModesErrors(modes: readonly string[] | undefined, path: string): FieldError[] {
  const errors = (modes ?? []).filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(path, mode, accessModes));
  if (modes?.includes('ReadWriteOncePod') && modes.length > 1)
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
  return errors;
}

export function claimSpecErrors(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors = spec.accessModes?.length ? [] : [required(`${path}.accessModes`, 'at least 1 access mode is required')];
  errors.push(...validateSelector(spec.selector, `${path}.selector`), ...accessModesErrors(spec.accessModes, `${path}.accessModes`));
  const storage = spec.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`));
  else errors.push(...positiveQuantity(`${path}.resources[storage]`, storage));
  if (spec.storageClassName)
    errors.push(...invalidFor(`${path}.storageClassName`, spec.storageClassName, dns1123SubdomainErrors(spec.storageClassName)));
  errors.push(...oneOf(`${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']));
  errors.push(...dataSourceErrors(spec, path));
  if (spec.volumeAttributesClassName)
    errors.push(
      ...invalidFor(`${path}.volumeAttributesClassName`, spec.volumeAttributesClassName, dns1123SubdomainErrors(spec.volumeAttributesClassName)),
    );
  return errors;
}

function dataSourceErrors({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, source] of [['dataSource', dataSource] as const, ['dataSourceRef', dataSourceRef] as const]) {
    if (!source) continue;
    if (!source.name) errors.push(required(`${path}.${name}.name`));
    if (!source.kind) errors.push(required(`${path}.${name}.kind`));
    if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') errors.push(invalid(`${path}.${name}`, source.kind, ''));
  }
  if (dataSource && dataSourceRef && !deepEqual(dataSource, { ...dataSourceRef })) errors.push(invalid(path, {}, 'must match dataSourceRef'));
  return errors;
}

/** The template of a volume that lives as long as its pod: a claim without a name of its own. */
export function claimTemplateErrors({ metadata, spec }: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  const errors = [
    ...validateAnnotations(metadata?.annotations, `${path}.metadata.annotations`),
    ...validateLabels(metadata?.labels, `${path}.metadata.labels`),
  ];
  for (const name of Object.keys(metadata ?? {}))
    if (name !== 'annotations' && name !== 'labels') errors.push(forbiddenField(`${path}.metadata.${name}`, 'cannot be set'));
  return [...errors, ...claimSpecErrors(spec, `${path}.spec`)];
}

export const claimErrors = (claim: PersistentVolumeClaim): FieldError[] => (claim.spec ? claimSpecErrors(claim.spec, 'spec') : [required('spec')]);

const immutableSpec = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

export function claimUpdateErrors(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = claimErrors(claim);
  const [spec, before] = [clone(claim.spec ?? {}), clone(old.spec ?? {})];
  const bound = old.status?.phase === 'Bound';
  // A claim that waits may be given its volume.
  if (!before.volumeName && spec.volumeName) before.volumeName = spec.volumeName;
  const [wanted, had] = [spec.resources?.requests?.['storage'], before.resources?.requests?.['storage']];
  if (bound && wanted !== undefined && had !== undefined)
    before.resources = { ...before.resources, requests: { ...before.resources?.requests, storage: wanted } };
  if (bound) {
    delete before.volumeAttributesClassName;
    delete spec.volumeAttributesClassName;
  }
  if (before.storageClassName === undefined && spec.storageClassName !== undefined) before.storageClassName = spec.storageClassName;
  if (!deepEqual(spec, before)) errors.push(forbiddenField('spec', immutableSpec));
  else if (bound && wanted !== undefined && had !== undefined && compareQuantities(wanted, had) < 0) {
    const status = old.status?.capacity?.['storage'];
    if (status === undefined || compareQuantities(wanted, status) <= 0)
      errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return [...errors, ...unchanged('spec.volumeMode', claim.spec?.volumeMode, old.spec?.volumeMode)];
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizePending',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
];

export function claimStatusErrors({ status }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, quantity] of Object.entries(status?.capacity ?? {}))
    errors.push(...resourceQuantityErrors(name, quantity, `status.capacity[${name}]`));
  for (const [name, quantity] of Object.entries(status?.allocatedResources ?? {})) {
    const at = 'status.allocatedResources';
    errors.push(...resourceNameErrors(name, at), ...resourceQuantityErrors(name, quantity, at));
  }
  for (const [name, state] of Object.entries(status?.allocatedResourceStatuses ?? {})) {
    const at = 'status.allocatedResourceStatuses';
    errors.push(...resourceNameErrors(name, at), ...(resizeStates.includes(state) ? [] : [notSupported(at, state, resizeStates)]));
  }
  return errors;
}
