// Security contexts of pods and containers, and the operating system they are for.

import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required, tooLong } from '../../field-error.js';
import type { AppArmorProfile, Pod, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../../gen/types.js';
import { userIdErrors } from '../../names.js';
import { forEach, goStruct, invalidFor, oneOf } from '../field-checks.js';
import { containersOf } from './containers-of.js';
import { descendingPathErrors } from './path-validation.js';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const sysctlPattern = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlRule = 'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';

const idErrors = (path: string, id: number | undefined): FieldError[] => (id === undefined ? [] : invalidFor(path, id, userIdErrors(id)));

export function podSecurityErrors(context: PodSecurityContext | undefined, spec: PodSpec, path: string): FieldError[] {
  if (!context) return [];
  const errors = [
    ...idErrors(`${path}.fsGroup`, context.fsGroup),
    ...idErrors(`${path}.runAsUser`, context.runAsUser),
    ...idErrors(`${path}.runAsGroup`, context.runAsGroup),
    ...forEach(context.supplementalGroups, `${path}.supplementalGroups`, (id, at) => idErrors(at, id)),
  ];
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  const names = new Set<string>();
  errors.push(
    ...forEach(context.sysctls, `${path}.sysctls`, ({ name }, at) => {
      const known = names.has(name);
      names.add(name);
      if (!name) return [required(`${at}.name`)];
      if (name.length > 253 || !sysctlPattern.test(name)) return [invalid(`${at}.name`, name, sysctlRule)];
      return known ? [duplicate(`${at}.name`, name)] : sysctlNamespaceErrors(name, spec, `${at}.name`);
    }),
    ...oneOf(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...seccompErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOf(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...oneOf(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']),
  );
  return errors;
}

function sysctlNamespaceErrors(name: string, spec: PodSpec, path: string): FieldError[] {
  const dotted = name.replaceAll('/', '.');
  if (spec.hostNetwork && dotted.startsWith('net.')) return [invalid(path, name, "may not be specified when 'hostNetwork' is true")];
  const ipc = ['kernel.sem', 'kernel.shm', 'kernel.msg', 'fs.mqueue.'].some((prefix) => dotted.startsWith(prefix));
  return spec.hostIPC && ipc ? [invalid(path, name, "may not be specified when 'hostIPC' is true")] : [];
}

function seccompErrors(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, profileTypes));
  const at = `${path}.localhostProfile`;
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) errors.push(invalid(at, goStruct(profile), 'can only be set when seccomp type is Localhost'));
  } else if (localhostProfile === undefined) errors.push(required(at, 'must be set when seccomp type is Localhost'));
  else errors.push(...descendingPathErrors(localhostProfile, at));
  return errors;
}

function appArmorErrors(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const at = `${path}.localhostProfile`;
  if (!type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')];
  if (!profileTypes.includes(type)) return [notSupported(`${path}.type`, type, profileTypes)];
  if (type !== 'Localhost')
    return localhostProfile === undefined ? [] : [invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  if (localhostProfile === undefined) return [required(at, 'must be set when AppArmor type is Localhost')];
  const errors: FieldError[] = [];
  if (localhostProfile.trim() !== localhostProfile) errors.push(invalid(at, localhostProfile, 'must not be padded with whitespace'));
  else if (localhostProfile === '') errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  if (localhostProfile.length > 4095) errors.push(tooLong(at, 4095));
  return errors;
}

export function containerSecurityErrors(context: SecurityContext | undefined, hostUsers: boolean, path: string): FieldError[] {
  if (!context) return [];
  const errors = [...idErrors(`${path}.runAsUser`, context.runAsUser), ...idErrors(`${path}.runAsGroup`, context.runAsGroup)];
  if (context.procMount !== undefined) {
    if (context.procMount !== 'Default' && context.procMount !== 'Unmasked')
      errors.push(notSupported(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']));
    if (hostUsers && context.procMount === 'Unmasked')
      errors.push(invalid(`${path}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...seccompErrors(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalid(path, goStruct(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN'))
      errors.push(invalid(path, goStruct(context), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  return [...errors, ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`)];
}

const windowsForbids = 'cannot be set for a windows pod';
const notForWindows = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const notInWindowsContainers = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

export function operatingSystemErrors(spec: PodSpec, path: string): FieldError[] {
  const name = spec.os?.name;
  if (spec.os === undefined) return [];
  if (!name) return [required(`${path}.os.name`)];
  if (name === 'linux') return linuxErrors(spec, path);
  return name === 'windows' ? windowsErrors(spec, path) : [notSupported(`${path}.os`, name, ['linux', 'windows'])];
}

function linuxErrors(spec: PodSpec, path: string): FieldError[] {
  const why = 'windows options cannot be set for a linux pod';
  const errors = spec.securityContext?.windowsOptions ? [forbiddenField(`${path}.securityContext.windowsOptions`, why)] : [];
  for (const { container, path: at } of containersOf(spec, path))
    if (container.securityContext?.windowsOptions) errors.push(forbiddenField(`${at}.securityContext.windowsOptions`, why));
  return errors;
}

function windowsErrors(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.hostUsers !== undefined) errors.push(forbiddenField(`${path}.hostUsers`, windowsForbids));
  for (const name of ['hostPID', 'hostIPC'] as const) if (spec[name]) errors.push(forbiddenField(`${path}.${name}`, windowsForbids));
  if (spec.shareProcessNamespace !== undefined) errors.push(forbiddenField(`${path}.shareProcessNamespace`, windowsForbids));
  for (const name of notForWindows)
    if (spec.securityContext?.[name] !== undefined) errors.push(forbiddenField(`${path}.securityContext.${name}`, windowsForbids));
  for (const { container, path: at } of containersOf(spec, path))
    for (const name of notInWindowsContainers)
      if (container.securityContext?.[name] !== undefined) errors.push(forbiddenField(`${at}.securityContext.${name}`, windowsForbids));
  return errors;
}

const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const appArmorAnnotations: Readonly<Record<string, string>> = { Unconfined: 'unconfined', RuntimeDefault: 'runtime/default' };

/** A profile given both by annotation and by field has to be the same. */
export function appArmorMatchErrors({ metadata, spec }: Pod): FieldError[] {
  if (!spec || spec.os?.name === 'windows') return [];
  return containersOf(spec, 'spec').flatMap(({ container, path }) => {
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const annotation = metadata.annotations?.[appArmorPrefix + container.name];
    if (!profile || annotation === undefined) return [];
    const at = `${path}.securityContext.appArmorProfile`;
    const mismatch = forbiddenField(`${at}.type`, 'apparmor type in annotation and field must match');
    if (profile.type !== 'Localhost') return annotation === appArmorAnnotations[profile.type] || !profile.type ? [] : [mismatch];
    if (!annotation.startsWith('localhost/')) return [mismatch];
    const same = annotation.slice('localhost/'.length) === profile.localhostProfile;
    return same ? [] : [forbiddenField(`${at}.localhostProfile`, 'apparmor profile in annotation and field must match')];
  });
}
