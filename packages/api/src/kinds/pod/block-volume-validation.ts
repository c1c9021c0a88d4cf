// Sources of storage that pods and persistent volumes share: NFS, iSCSI, Fibre Channel, Ceph, CSI.

import { type FieldError, invalid, required, tooLong } from '../../field-error.js';
import type { CSIVolumeSource, FCVolumeSource, ISCSIVolumeSource, NFSVolumeSource } from '../../gen/types.js';
import { dns1123SubdomainErrors } from '../../names.js';
import { invalidFor } from '../field-checks.js';

export const nfsErrors = ({ server, path: directory }: NFSVolumeSource, path: string): FieldError[] => {
  const errors = server ? [] : [required(`${path}.server`)];
  if (!directory) return [...errors, required(`${path}.path`)];
  return directory.startsWith('/') ? errors : [...errors, invalid(`${path}.path`, directory, 'must be an absolute path')];
};

const initiatorName = /^iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$|^eui\.[A-Za-z0-9]{16}$|^naa\.[A-Za-z0-9]{32}$/;

export function iscsiErrors(
  source: Pick<ISCSIVolumeSource, 'targetPortal' | 'iqn' | 'lun' | 'chapAuthDiscovery' | 'chapAuthSession' | 'initiatorName'> & {
    secretRef?: object;
  },
  path: string,
): FieldError[] {
  const { targetPortal, iqn, lun } = source;
  const errors = targetPortal ? [] : [required(`${path}.targetPortal`)];
  if (!iqn) errors.push(required(`${path}.iqn`));
  else if (!/^(iqn|eui|naa)/.test(iqn)) errors.push(invalid(`${path}.iqn`, iqn, 'must be valid format starting with iqn, eui, or naa'));
  else if (!initiatorName.test(iqn)) errors.push(invalid(`${path}.iqn`, iqn, 'must be valid format'));
  if (lun < 0 || lun > 255) errors.push(invalid(`${path}.lun`, lun, 'must be between 0 and 255, inclusive'));
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.push(required(`${path}.secretRef`));
  return errors;
}

export function fcErrors({ targetWWNs, lun, wwids }: FCVolumeSource, path: string): FieldError[] {
  const [targets, ids] = [targetWWNs?.length ?? 0, wwids?.length ?? 0];
  if (targets === 0 && ids === 0) return [required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')];
  if (targets > 0 && ids > 0) return [invalid(`${path}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')];
  if (targets === 0) return [];
  if (lun === undefined) return [required(`${path}.lun`, 'lun is required if targetWWNs is specified')];
  return lun < 0 || lun > 255 ? [invalid(`${path}.lun`, lun, 'must be between 0 and 255, inclusive')] : [];
}

export const rbdErrors = ({ monitors, image }: { monitors?: readonly string[]; image?: string }, path: string): FieldError[] => [
  ...(monitors?.length ? [] : [required(`${path}.monitors`)]),
  ...(image ? [] : [required(`${path}.image`)]),
];

export const cephFsErrors = ({ monitors }: { monitors?: readonly string[] }, path: string): FieldError[] =>
  monitors?.length ? [] : [required(`${path}.monitors`)];

export function csiErrors({ driver, nodePublishSecretRef }: CSIVolumeSource, path: string): FieldError[] {
  const errors = csiDriverNameErrors(driver, `${path}.driver`);
  return nodePublishSecretRef && !nodePublishSecretRef.name ? [...errors, required(`${path}.nodePublishSecretRef.name`)] : errors;
}

export function csiDriverNameErrors(name: string | undefined, path: string): FieldError[] {
  if (!name) return [required(path)];
  return name.length > 63 ? [tooLong(path, 63)] : invalidFor(path, name, dns1123SubdomainErrors(name.toLowerCase()));
}
