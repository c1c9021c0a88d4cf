// The environment variables of a container, from every source.
// Mirrors makeEnvironmentVariables of https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_pods.go
import type { ConfigMap, EnvVar, EnvVarSource, Secret, Service } from '@steersman/api';
import { type AnyContainer, findContainer, type NodePod, namespaceOf } from '../pods/pod.js';
import { ContainerError, messageOf } from './container-error.js';
import { expand } from './expansion.js';
import { type FieldContext, fieldValue, resourceValue } from './field-refs.js';
import { serviceVariables } from './service-variables.js';

export interface EnvironmentSources extends FieldContext {
  readonly allocatable: Readonly<Record<string, string>>;
  services(namespace: string): readonly Service[];
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

export interface Variable {
  readonly key: string;
  readonly value: string;
}

const configError = (message: string): ContainerError => new ContainerError('CreateContainerConfigError', message);

export async function environmentOf(pod: NodePod, container: AnyContainer, sources: EnvironmentSources): Promise<Variable[]> {
  const values = new Map<string, string>();
  const imported = await importedVariables(pod, container, sources);
  for (const [name, value] of imported) values.set(name, value);
  const services = serviceVariables(pod, sources.services);
  for (const variable of container.env ?? []) {
    const value = await variableValue(pod, container, { variable, sources, lookup: (name) => values.get(name) ?? services.get(name) });
    if (value !== undefined) values.set(variable.name, value);
  }
  for (const [name, value] of services) if (!values.has(name)) values.set(name, value);
  return [...values].map(([key, value]) => ({ key, value }));
}

async function importedVariables(pod: NodePod, container: AnyContainer, sources: EnvironmentSources): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  const namespace = namespaceOf(pod);
  for (const { configMapRef, secretRef, prefix = '' } of container.envFrom ?? []) {
    const optional = (configMapRef ?? secretRef)?.optional === true;
    const name = (configMapRef ?? secretRef)?.name ?? '';
    const found = await lookUp(() => (configMapRef ? sources.configMap(namespace, name) : sources.secret(namespace, name)));
    if (!found) {
      if (optional) continue;
      throw configError(`${configMapRef ? 'configmap' : 'secret'} "${name}" not found`);
    }
    for (const [key, value] of Object.entries(found.data ?? {}))
      values.set(prefix + key, secretRef ? Buffer.from(value, 'base64').toString() : value);
  }
  return values;
}

async function lookUp<T>(get: () => Promise<T>): Promise<T> {
  try {
    return await get();
  } catch (error) {
    throw configError(messageOf(error));
  }
}

interface ValueRequest {
  readonly variable: EnvVar;
  readonly sources: EnvironmentSources;
  lookup(name: string): string | undefined;
}

async function variableValue(pod: NodePod, container: AnyContainer, { variable, sources, lookup }: ValueRequest): Promise<string | undefined> {
  if (!variable.valueFrom) return expand(variable.value ?? '', lookup);
  const { fieldRef, resourceFieldRef } = variable.valueFrom;
  if (fieldRef) {
    const value = fieldValue(fieldRef.fieldPath, sources);
    if (value === undefined) throw configError(`unsupported fieldPath: ${fieldRef.fieldPath}`);
    return value;
  }
  if (resourceFieldRef) {
    const named = resourceFieldRef.containerName ? findContainer(pod, resourceFieldRef.containerName)?.container : container;
    if (!named) throw configError(`container ${resourceFieldRef.containerName} not found`);
    return resourceValue(resourceFieldRef, named, sources.allocatable);
  }
  return keyValue(namespaceOf(pod), variable.valueFrom, sources);
}

async function keyValue(
  namespace: string,
  { configMapKeyRef, secretKeyRef }: EnvVarSource,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  const ref = configMapKeyRef ?? secretKeyRef;
  if (!ref) return undefined;
  const name = ref.name ?? '';
  const found = await lookUp(() => (configMapKeyRef ? sources.configMap(namespace, name) : sources.secret(namespace, name)));
  if (!found) {
    if (ref.optional) return undefined;
    throw configError(`${configMapKeyRef ? 'configmap' : 'secret'} "${name}" not found`);
  }
  const value = found.data?.[ref.key];
  if (value === undefined) {
    if (ref.optional) return undefined;
    throw configError(`couldn't find key ${ref.key} in ${configMapKeyRef ? 'ConfigMap' : 'Secret'} ${namespace}/${name}`);
  }
  return secretKeyRef ? Buffer.from(value, 'base64').toString() : value;
}
