// How containers mount volumes and use block devices.
import { type FieldError, forbiddenField, invalid, notFoundField, notSupported, required } from '../../field-error.js';
import type { Container, EphemeralContainer, PodSpec, Volume, VolumeMount } from '../../gen/types.js';
import { forEach, oneOf } from '../field-checks.js';
import { descendingPathErrors } from './path-validation.js';

const volumeOf = (spec: PodSpec, name: string): Volume | undefined => spec.volumes?.find((volume) => volume.name === name);

export function mountsErrors(container: Container | EphemeralContainer, spec: PodSpec, path: string): FieldError[] {
  const paths = new Set<string>();
  return forEach(container.volumeMounts, path, (mount, at) => {
    const errors = mount.name ? [] : [required(`${at}.name`)];
    const volume = volumeOf(spec, mount.name);
    if (!volume) errors.push(notFoundField(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`));
    if (paths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    for (const device of container.volumeDevices ?? []) {
      if (device.name === mount.name) errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'));
      if (device.devicePath === mount.mountPath)
        errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    }
    if (mount.subPath) errors.push(...descendingPathErrors(mount.subPath, `${path}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...descendingPathErrors(mount.subPathExpr, `${path}.subPathExpr`));
    }
    errors.push(...propagationErrors(mount, container, `${path}.mountPropagation`), ...recursiveErrors(mount, `${path}.recursiveReadOnly`));
    return errors;
  });
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

function propagationErrors({ mountPropagation }: VolumeMount, container: Container | EphemeralContainer, path: string): FieldError[] {
  const errors = oneOf(path, mountPropagation, propagations);
  if (mountPropagation === 'Bidirectional' && container.securityContext?.privileged !== true)
    errors.push(forbiddenField(path, 'Bidirectional mount propagation is available only to privileged containers'));
  return errors;
}

function recursiveErrors({ recursiveReadOnly, readOnly, mountPropagation }: VolumeMount, path: string): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return [];
  if (recursiveReadOnly !== 'Enabled' && recursiveReadOnly !== 'IfPossible')
    return [notSupported(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'])];
  const errors = readOnly ? [] : [forbiddenField(path, 'may only be specified when readOnly is true')];
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.push(forbiddenField(path, 'may only be specified when mountPropagation is None or not specified'));
  return errors;
}

export function devicesErrors(container: Container | EphemeralContainer, spec: PodSpec, path: string): FieldError[] {
  const [names, paths] = [new Set<string>(), new Set<string>()];
  return forEach(container.volumeDevices, path, ({ name, devicePath }, at) => {
    const errors = name ? [] : [required(`${at}.name`)];
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'));
    const volume = volumeOf(spec, name);
    if (!volume) errors.push(notFoundField(`${at}.name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(invalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    else if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    else if (devicePath.includes('..')) errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    for (const mount of container.volumeMounts ?? []) {
      if (mount.name === name) errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
      if (mount.mountPath === devicePath) errors.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
    names.add(name);
    paths.add(devicePath);
    return errors;
  });
}
