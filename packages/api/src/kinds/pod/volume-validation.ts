// Volumes of pods and the sources they come from.

import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../field-error.js';
import type { DownwardAPIVolumeFile, KeyToPath, Volume } from '../../gen/types.js';
import { dns1123LabelErrors } from '../../names.js';
import { forEach, invalidFor, oneOf } from '../field-checks.js';
import { notNegativeQuantity } from '../resource-names.js';
import { claimTemplateErrors } from '../storage/claim-validation.js';
import { cephFsErrors, csiErrors, fcErrors, iscsiErrors, nfsErrors, rbdErrors } from './block-volume-validation.js';
import { fieldRefErrors, resourceFieldErrors, volumeFields } from './env-validation.js';
import { noBackstepErrors, volumeFileErrors } from './path-validation.js';
import { projectedErrors } from './projected-validation.js';

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

export function volumesErrors(volumes: readonly Volume[] | undefined, path: string): FieldError[] {
  const names = new Set<string>();
  return forEach(volumes, path, (volume, at) => {
    const errors = sourceErrors(volume, at);
    if (!volume.name) errors.push(required(`${at}.name`));
    else errors.push(...invalidFor(`${at}.name`, volume.name, dns1123LabelErrors(volume.name)));
    if (names.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    else if (errors.length === 0) names.add(volume.name);
    return errors;
  });
}

type Source = Exclude<keyof Volume, 'name'>;

/** The sources in the order in which upstream looks at them: the first one counts, any other is one too many. */
const sources: { readonly [S in Source]: (source: NonNullable<Volume[S]>, path: string, volume: Volume) => FieldError[] } = {
  emptyDir: ({ sizeLimit }, path) => (sizeLimit === undefined ? [] : notNegativeQuantity(`${path}.sizeLimit`, sizeLimit)),
  hostPath: ({ path: directory, type }, path) => [
    ...(directory ? noBackstepErrors(directory, `${path}.path`) : [required(`${path}.path`)]),
    ...oneOf(`${path}.type`, type, hostPathTypes),
  ],
  gitRepo: ({ repository, directory }, path) => [
    ...(repository ? [] : [required(`${path}.repository`)]),
    ...(directory ? volumeFileErrors(directory, `${path}.directory`) : []),
  ],
  gcePersistentDisk: ({ pdName }, path) => (pdName ? [] : [required(`${path}.pdName`)]),
  awsElasticBlockStore: ({ volumeID }, path) => (volumeID ? [] : [required(`${path}.volumeID`)]),
  secret: ({ secretName, defaultMode, items }, path) => [
    ...(secretName ? [] : [required(`${path}.secretName`)]),
    ...modeErrors(defaultMode, `${path}.defaultMode`),
    ...forEach(items, `${path}.items`, keyToPathErrors),
  ],
  nfs: nfsErrors,
  iscsi: iscsiErrors,
  glusterfs: ({ endpoints, path: directory }, path) => [
    ...(endpoints ? [] : [required(`${path}.endpoints`)]),
    ...(directory ? noBackstepErrors(directory, `${path}.path`) : [required(`${path}.path`)]),
  ],
  flocker: ({ datasetName, datasetUUID }, path) =>
    datasetName || datasetUUID ? [] : [required(path, 'one of datasetName and datasetUUID is required')],
  rbd: rbdErrors,
  cinder: ({ volumeID }, path) => (volumeID ? [] : [required(`${path}.volumeID`)]),
  cephfs: cephFsErrors,
  downwardAPI: ({ defaultMode, items }, path) => [
    ...modeErrors(defaultMode, `${path}.defaultMode`),
    ...(items ?? []).flatMap((item) => downwardFileErrors(item, path)),
  ],
  persistentVolumeClaim: ({ claimName }, path) => (claimName ? [] : [required(`${path}.claimName`)]),
  configMap: ({ name, defaultMode, items }, path) => [
    ...(name ? [] : [required(`${path}.name`)]),
    ...modeErrors(defaultMode, `${path}.defaultMode`),
    ...forEach(items, `${path}.items`, keyToPathErrors),
  ],
  fc: fcErrors,
  flexVolume: ({ driver }, path) => (driver ? [] : [required(`${path}.driver`)]),
  azureFile: ({ secretName, shareName }, path) => [
    ...(secretName ? [] : [required(`${path}.secretName`)]),
    ...(shareName ? [] : [required(`${path}.shareName`)]),
  ],
  vsphereVolume: ({ volumePath }, path) => (volumePath ? [] : [required(`${path}.volumePath`)]),
  quobyte: ({ registry, volume }, path) => [
    ...(registry ? [] : [required(`${path}.registry`, 'must be a host:port pair or multiple pairs separated by commas')]),
    ...(volume ? [] : [required(`${path}.volume`)]),
  ],
  photonPersistentDisk: ({ pdID }, path) => (pdID ? [] : [required(`${path}.pdID`)]),
  portworxVolume: ({ volumeID }, path) => (volumeID ? [] : [required(`${path}.volumeID`)]),
  azureDisk: ({ diskName, diskURI }, path) => [
    ...(diskName ? [] : [required(`${path}.diskName`)]),
    ...(diskURI ? [] : [required(`${path}.diskURI`)]),
  ],
  storageos: ({ volumeName }, path) =>
    volumeName ? invalidFor(`${path}.volumeName`, volumeName, dns1123LabelErrors(volumeName)) : [required(`${path}.volumeName`)],
  projected: ({ defaultMode, sources: list }, path) => [...modeErrors(defaultMode, `${path}.defaultMode`), ...projectedErrors(list, path)],
  scaleIO: ({ gateway, system, volumeName }, path) => [
    ...(gateway ? [] : [required(`${path}.gateway`)]),
    ...(system ? [] : [required(`${path}.system`)]),
    ...(volumeName ? [] : [required(`${path}.volumeName`)]),
  ],
  csi: (source, path) => csiErrors(source, path),
  ephemeral: ({ volumeClaimTemplate }, path) =>
    volumeClaimTemplate ? claimTemplateErrors(volumeClaimTemplate, `${path}.volumeClaimTemplate`) : [required(`${path}.volumeClaimTemplate`)],
  image: ({ reference, pullPolicy }, path) => [
    ...(reference ? [] : [required(`${path}.reference`)]),
    ...oneOf(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
};

function sourceErrors(volume: Volume, path: string): FieldError[] {
  const given = (Object.keys(sources) as Source[]).filter((source) => volume[source] !== undefined);
  if (given.length === 0) return [required(path, 'must specify a volume type')];
  return given.flatMap((source, index) => {
    const at = `${path}.${source}`;
    if (index > 0) return [forbiddenField(at, 'may not specify more than 1 volume type')];
    return (sources[source] as (value: unknown, path: string, volume: Volume) => FieldError[])(volume[source], at, volume);
  });
}

export const modeErrors = (mode: number | undefined, path: string): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > 0o777) ? [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : [];

export function keyToPathErrors({ key, path: file, mode }: KeyToPath, path: string): FieldError[] {
  const errors = key ? [] : [required(`${path}.key`)];
  if (!file) errors.push(required(`${path}.path`));
  else errors.push(...volumeFileErrors(file, `${path}.path`));
  return [...errors, ...modeErrors(mode, `${path}.mode`)];
}

export function downwardFileErrors({ path: file, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors = file ? volumeFileErrors(file, `${path}.path`) : [required(`${path}.path`)];
  if (fieldRef) {
    errors.push(...fieldRefErrors(fieldRef, volumeFields, `${path}.fieldRef`));
    if (resourceFieldRef) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (resourceFieldRef) errors.push(...resourceFieldErrors(resourceFieldRef, `${path}.resourceFieldRef`, true));
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...modeErrors(mode, `${path}.mode`)];
}
