// The parameters of a policy's binding: one object by name, or all that a selector finds.
// Mirrors https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources
import { type KubernetesObject, labelSelectorMatches, type ParamKind, type ParamRef, splitApiVersion } from '@steersman/api';
import type { Registry } from '../../registry/registry.js';
import type { Resource } from '../../registry/resource.js';

/** The binding cannot be used as it is. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

export interface ParameterQuestion {
  readonly kind: ParamKind | undefined;
  readonly ref: ParamRef | undefined;
  /** The namespace of the request. */
  readonly namespace: string | undefined;
}

function resourceOfKind(registry: Registry, { apiVersion = '', kind = '' }: ParamKind): Resource | undefined {
  const { group, version } = splitApiVersion(apiVersion);
  for (const resource of registry.all()) {
    const { info } = resource.definition;
    if (info.kind === kind && info.group === group && info.version === version) return resource;
  }
  return undefined;
}

/** The objects to evaluate a policy with, one by one; a single undefined where it takes none. */
export async function collectParameters(registry: Registry, { kind, ref, namespace }: ParameterQuestion): Promise<(KubernetesObject | undefined)[]> {
  if (!kind || !ref) return [undefined];
  const resource = resourceOfKind(registry, kind);
  if (!resource) throw new ConfigurationError(`failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'`);
  const { namespaced } = resource.definition.info;
  if (ref.namespace && !namespaced) throw new ConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const place = namespaced ? ref.namespace || namespace : undefined;
  if (namespaced && !place) throw new ConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
  const found = ref.name
    ? [resource.peek(place, ref.name)].filter((one) => one !== undefined)
    : resource.cache.list(place).filter(({ object }) => labelSelectorMatches(ref.selector, object.metadata.labels));
  if (found.length === 0 && ref.parameterNotFoundAction === 'Deny')
    throw new ConfigurationError('no params found for policy binding with `Deny` parameterNotFoundAction');
  const shown = await Promise.all(found.map((one) => resource.shown(one)));
  return shown.map(({ object }) => ({ ...object, apiVersion: kind.apiVersion, kind: kind.kind }) as KubernetesObject);
}
