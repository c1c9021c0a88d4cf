// What is checked of StatefulSets.
import { deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid } from '../../field-error.js';
import type { PodSpec, StatefulSet, StatefulSetSpec } from '../../gen/types.js';
import { dns1123LabelErrors } from '../../names.js';
import { forEach, goStruct, invalidFor, oneOf } from '../field-checks.js';
import { notNegative } from '../selector-validation.js';
import { claimSpecErrors } from '../storage/claim-validation.js';
import { collisionErrors, notAboveReplicas, podTemplateErrors, selectorErrors } from './validation.js';

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  if (!spec) return [];
  const errors: FieldError[] = [];
  if (spec.podManagementPolicy !== 'OrderedReady' && spec.podManagementPolicy !== 'Parallel')
    errors.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy ?? '', "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...strategyErrors(spec));
  for (const when of ['whenDeleted', 'whenScaled'] as const)
    errors.push(
      ...oneOf(`spec.persistentVolumeClaimRetentionPolicy.${when}`, spec.persistentVolumeClaimRetentionPolicy?.[when], ['Retain', 'Delete']),
    );
  errors.push(
    ...notNegative(spec.replicas, 'spec.replicas'),
    ...notNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...notNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...selectorErrors(spec.selector, 'statefulset'),
    ...podTemplateErrors({ ...spec, ...(spec.template && { template: withClaims(spec) }) }, 'StatefulSet'),
  );
  errors.push(
    ...forEach(spec.volumeClaimTemplates, 'spec.volumeClaimTemplates', (claim, at) => (claim.spec ? claimSpecErrors(claim.spec, `${at}.spec`) : [])),
  );
  if (spec.serviceName) errors.push(...invalidFor('spec.serviceName', spec.serviceName, dns1123LabelErrors(spec.serviceName)));
  return errors;
}

/** The claims are volumes of the pods. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): StatefulSetSpec['template'] {
  const claimed = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name ?? '',
    persistentVolumeClaim: { claimName: metadata.name ?? 'claim' },
  }));
  const names = new Set(claimed.map(({ name }) => name));
  const spec: PodSpec = template.spec ?? { containers: [] };
  return { ...template, spec: { ...spec, volumes: [...claimed, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))] } };
}

function strategyErrors({ updateStrategy }: StatefulSetSpec): FieldError[] {
  const path = 'spec.updateStrategy';
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (type === 'OnDelete')
    return rollingUpdate ? [invalid(`${path}.rollingUpdate`, goStruct(rollingUpdate), "only allowed for updateStrategy 'RollingUpdate'")] : [];
  if (type !== 'RollingUpdate') return [invalid(path, goStruct(updateStrategy), "must be 'RollingUpdate' or 'OnDelete'")];
  return notNegative(rollingUpdate?.partition, `${path}.rollingUpdate.partition`);
}

const changeable: readonly string[] = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export function validateStatefulSetUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  const fixed = (one: object | undefined): object => Object.fromEntries(Object.entries(one ?? {}).filter(([name]) => !changeable.includes(name)));
  const names = changeable.map((name) => `'${name}'`);
  const why = `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`;
  return deepEqual(fixed(spec), fixed(old)) ? [] : [forbiddenField('spec', why)];
}

export function validateStatefulSetStatus({ status }: StatefulSet, { status: old }: StatefulSet): FieldError[] {
  if (!status) return [];
  const errors: FieldError[] = [];
  for (const name of [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ] as const)
    errors.push(...notNegative(status[name], `status.${name}`));
  errors.push(...notAboveReplicas(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']));
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    errors.push(invalid('status.availableReplicas', status.availableReplicas, 'cannot be greater than status.readyReplicas'));
  return [...errors, ...collisionErrors(status.collisionCount, old?.collisionCount)];
}
