// Environment variables and where they come from.

import { type FieldError, invalid, notSupported, required } from '../../field-error.js';
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../../gen/types.js';
import { configMapKeyErrors, dns1123SubdomainErrors, envVarNameErrors, qualifiedNameErrors } from '../../names.js';
import { compareQuantities, parseQuantity } from '../../quantity.js';
import { forEach, invalidFor } from '../field-checks.js';

const podFields = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);
export const envFields: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const volumeFields: readonly string[] = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const containerResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

export function envErrors(variables: readonly EnvVar[] | undefined, path: string): FieldError[] {
  return forEach(variables, path, (variable, at) => [
    ...(variable.name ? invalidFor(`${at}.name`, variable.name, envVarNameErrors(variable.name)) : [required(`${at}.name`)]),
    ...(variable.valueFrom ? valueFromErrors(variable.value, variable.valueFrom, `${at}.valueFrom`) : []),
  ]);
}

function valueFromErrors(value: string | undefined, source: EnvVarSource, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  if (fieldRef) errors.push(...fieldRefErrors(fieldRef, envFields, `${path}.fieldRef`));
  if (resourceFieldRef) errors.push(...resourceFieldErrors(resourceFieldRef, `${path}.resourceFieldRef`, false));
  if (configMapKeyRef) errors.push(...keyRefErrors(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...keyRefErrors(secretKeyRef, `${path}.secretKeyRef`));
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (count === 0) errors.push(invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'));
  else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function keyRefErrors({ name, key }: { name?: string; key: string }, path: string): FieldError[] {
  const errors = name ? invalidFor(`${path}.name`, name, dns1123SubdomainErrors(name)) : [];
  return key ? [...errors, ...invalidFor(`${path}.key`, key, configMapKeyErrors(key))] : [...errors, required(`${path}.key`)];
}

export function fieldRefErrors({ apiVersion, fieldPath }: ObjectFieldSelector, supported: readonly string[], path: string): FieldError[] {
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  const subscript = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/.exec(fieldPath);
  if (subscript) return subscriptErrors(subscript[1]!, subscript[2]!, path);
  if (apiVersion !== 'v1' || !podFields.has(fieldPath)) {
    const why = apiVersion === 'v1' ? `field label not supported: ${fieldPath}` : `unsupported pod version: ${apiVersion}`;
    return [invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`)];
  }
  return supported.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, supported)];
}

function subscriptErrors(field: string, key: string, path: string): FieldError[] {
  if (field === 'metadata.annotations') return invalidFor(path, key, qualifiedNameErrors(key.toLowerCase()));
  return invalidFor(path, key, qualifiedNameErrors(key));
}

export function resourceFieldErrors({ containerName, resource, divisor }: ResourceFieldSelector, path: string, inVolume: boolean): FieldError[] {
  if (inVolume && !containerName) return [required(`${path}.containerName`)];
  if (!resource) return [required(`${path}.resource`)];
  const hugePages = /^(limits|requests)\.hugepages-/.test(resource);
  const errors = hugePages || containerResources.includes(resource) ? [] : [notSupported(`${path}.resource`, resource, containerResources)];
  return [...errors, ...divisorErrors(resource, divisor, path)];
}

const divisors: Readonly<Record<string, readonly string[]>> = {
  cpu: ['1m', '1'],
  memory: ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'],
};

function divisorErrors(resource: string, divisor: string | undefined, path: string): FieldError[] {
  if (!divisor || parseQuantity(divisor).nano === 0n) return [];
  const isCpu = resource.endsWith('.cpu');
  const allowed = isCpu ? divisors['cpu']! : divisors['memory']!;
  if (allowed.some((one) => compareQuantities(one, divisor) === 0)) return [];
  const what = isCpu
    ? "only divisor's values 1m and 1 are supported with the cpu resource"
    : `only divisor's values ${allowed.join(', ')} are supported with the ${resource.split('.')[1]} resource`;
  return [invalid(`${path}.divisor`, divisor, what)];
}

export function envFromErrors(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return forEach(sources, path, ({ prefix, configMapRef, secretRef }, at) => {
    const errors = prefix ? invalidFor(`${at}.prefix`, prefix, envVarNameErrors(prefix)) : [];
    if (configMapRef && !configMapRef.name) errors.push(required(`${at}.configMapRef.name`));
    if (secretRef && !secretRef.name) errors.push(required(`${at}.secretRef.name`));
    if (!configMapRef && !secretRef) errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (configMapRef && secretRef) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}
