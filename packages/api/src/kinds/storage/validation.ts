// What is checked of persistent volumes.
import { clone, deepEqual } from '../../clone.js';
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../field-error.js';
import type { PersistentVolume, PersistentVolumeSpec } from '../../gen/types.js';
import { dns1123SubdomainErrors } from '../../names.js';
import { invalidFor, oneOf } from '../field-checks.js';
import { cephFsErrors, csiDriverNameErrors, fcErrors, iscsiErrors, nfsErrors, rbdErrors } from '../pod/block-volume-validation.js';
import { noBackstepErrors } from '../pod/path-validation.js';
import { nodeSelectorErrors } from '../pod/scheduling-validation.js';
import { positiveQuantity, resourceNameErrors } from '../resource-names.js';
import { accessModesErrors } from './claim-validation.js';

type Sources = { readonly [S in keyof PersistentVolumeSpec]?: (source: NonNullable<PersistentVolumeSpec[S]>, path: string) => FieldError[] };

const path = 'spec';
const needs = (fields: Readonly<Record<string, unknown>>, at: string): FieldError[] =>
  Object.entries(fields).flatMap(([name, value]) => (value ? [] : [required(`${at}.${name}`)]));

const sources: Sources = {
  hostPath: ({ path: directory }, at) => (directory ? noBackstepErrors(directory, `${at}.path`) : [required(`${at}.path`)]),
  gcePersistentDisk: ({ pdName }, at) => needs({ pdName }, at),
  awsElasticBlockStore: ({ volumeID }, at) => needs({ volumeID }, at),
  glusterfs: ({ endpoints, path: directory }, at) => needs({ endpoints, path: directory }, at),
  flocker: ({ datasetName, datasetUUID }, at) => (datasetName || datasetUUID ? [] : [required(at, 'one of datasetName and datasetUUID is required')]),
  nfs: nfsErrors,
  rbd: rbdErrors,
  quobyte: ({ registry, volume }, at) => needs({ registry, volume }, at),
  cephfs: cephFsErrors,
  iscsi: iscsiErrors,
  cinder: ({ volumeID }, at) => needs({ volumeID }, at),
  fc: fcErrors,
  flexVolume: ({ driver }, at) => needs({ driver }, at),
  azureFile: ({ secretName, shareName }, at) => needs({ secretName, shareName }, at),
  vsphereVolume: ({ volumePath }, at) => needs({ volumePath }, at),
  photonPersistentDisk: ({ pdID }, at) => needs({ pdID }, at),
  portworxVolume: ({ volumeID }, at) => needs({ volumeID }, at),
  azureDisk: ({ diskName, diskURI }, at) => needs({ diskName, diskURI }, at),
  scaleIO: ({ gateway, system, volumeName }, at) => needs({ gateway, system, volumeName }, at),
  local: ({ path: directory }, at) => (directory ? noBackstepErrors(directory, `${at}.path`) : [required(`${at}.path`)]),
  storageos: ({ volumeName }, at) => needs({ volumeName }, at),
  csi: ({ driver, volumeHandle }, at) => [...csiDriverNameErrors(driver, `${at}.driver`), ...needs({ volumeHandle }, at)],
};

const givenSources = (spec: PersistentVolumeSpec): (keyof PersistentVolumeSpec)[] =>
  (Object.keys(sources) as (keyof PersistentVolumeSpec)[]).filter((name) => spec[name] !== undefined);

export function validatePersistentVolume({ spec }: PersistentVolume): FieldError[] {
  if (!spec) return [required('spec')];
  const errors = spec.accessModes?.length ? [] : [required(`${path}.accessModes`)];
  errors.push(...accessModesErrors(spec.accessModes, `${path}.accessModes`), ...capacityErrors(spec.capacity));
  errors.push(...oneOf(`${path}.persistentVolumeReclaimPolicy`, spec.persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']));
  const affinity = spec.nodeAffinity;
  if (affinity && !affinity.required) errors.push(required(`${path}.nodeAffinity.required`, 'must specify required node constraints'));
  if (affinity?.required) errors.push(...nodeSelectorErrors(affinity.required, `${path}.nodeAffinity.required`));
  errors.push(...sourceErrors(spec));
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle')
    errors.push(forbiddenField(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"));
  if (spec.storageClassName)
    errors.push(...invalidFor(`${path}.storageClassName`, spec.storageClassName, dns1123SubdomainErrors(spec.storageClassName)));
  errors.push(...oneOf(`${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']));
  const attributes = spec.volumeAttributesClassName;
  if (attributes === undefined) return errors;
  if (attributes === '') errors.push(required(`${path}.volumeAttributesClassName`, 'an empty string is disallowed'));
  else errors.push(...invalidFor(`${path}.volumeAttributesClassName`, attributes, dns1123SubdomainErrors(attributes)));
  return spec.csi ? errors : [...errors, required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName')];
}

function capacityErrors(capacity: PersistentVolumeSpec['capacity']): FieldError[] {
  const at = `${path}.capacity`;
  const names = Object.keys(capacity ?? {});
  const errors = names.length === 0 ? [required(at)] : [];
  if (capacity?.['storage'] === undefined || names.length > 1) errors.push(notSupported(at, capacity ?? null, ['storage']));
  for (const [name, quantity] of Object.entries(capacity ?? {}))
    errors.push(...resourceNameErrors(name, `${at}[${name}]`), ...positiveQuantity(`${at}[${name}]`, quantity));
  return errors;
}

function sourceErrors(spec: PersistentVolumeSpec): FieldError[] {
  const given = givenSources(spec);
  if (given.length === 0) return [required(path, 'must specify a volume type')];
  const errors = given.flatMap((name, index) => {
    const at = `${path}.${name}`;
    if (index > 0) return [forbiddenField(at, 'may not specify more than 1 volume type')];
    return (sources[name] as (source: unknown, path: string) => FieldError[])(spec[name], at);
  });
  return given[0] === 'local' && !spec.nodeAffinity?.required
    ? [...errors, required(`${path}.nodeAffinity`, 'Local volume requires node affinity')]
    : errors;
}

export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validatePersistentVolume(volume);
  const [spec, before] = [volume.spec ?? {}, old.spec ?? {}].map((one) => clone(one) as PersistentVolumeSpec) as [
    PersistentVolumeSpec,
    PersistentVolumeSpec,
  ];
  const source = (one: PersistentVolumeSpec): object => Object.fromEntries(givenSources(one).map((name) => [name, withoutSecrets(one[name])]));
  if (!deepEqual(source(spec), source(before)))
    errors.push(forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
  if (!deepEqual(spec.volumeMode, before.volumeMode)) errors.push(invalid('spec.volumeMode', spec.volumeMode, 'field is immutable'));
  if (before.nodeAffinity && !deepEqual(spec.nodeAffinity, before.nodeAffinity))
    errors.push(invalid('spec.nodeAffinity', spec.nodeAffinity, 'field is immutable, except for updating from beta label to GA'));
  return errors;
}

/** The secret for growing a volume may be given later. */
const withoutSecrets = (source: unknown): unknown => {
  const { controllerExpandSecretRef: _expand, nodeExpandSecretRef: _node, ...rest } = (source ?? {}) as Record<string, unknown>;
  return rest;
};
