// Which pods and claims a resource quota is about.
// Mirrors https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes
import type { PersistentVolumeClaim, Pod, PodAffinityTerm, ResourceQuota, ScopedResourceSelectorRequirement } from '../gen/types.js';
import { qosClassOf } from '../qos-class.js';
import type { KubernetesObject } from '../resource-info.js';
import type { CountedResource } from './usage.js';

function scopesOf({ spec }: ResourceQuota): ScopedResourceSelectorRequirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

function selects({ operator, values = [] }: ScopedResourceSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'Exists':
      return Boolean(value);
    case 'DoesNotExist':
      return !value;
    case 'In':
      return value !== undefined && values.includes(value);
    default:
      return value === undefined || !values.includes(value);
  }
}

const spansNamespaces = ({ namespaces, namespaceSelector }: PodAffinityTerm): boolean =>
  Boolean(namespaces?.length) || namespaceSelector !== undefined;

function hasForeignAffinity({ spec }: Pod): boolean {
  return [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].some(
    (affinity) =>
      affinity?.requiredDuringSchedulingIgnoredDuringExecution?.some(spansNamespaces) ||
      affinity?.preferredDuringSchedulingIgnoredDuringExecution?.some(({ podAffinityTerm }) => spansNamespaces(podAffinityTerm)),
  );
}

function podMatches(pod: Pod, scope: ScopedResourceSelectorRequirement): boolean {
  const ends = pod.spec?.activeDeadlineSeconds !== undefined;
  switch (scope.scopeName) {
    case 'Terminating':
      return ends;
    case 'NotTerminating':
      return !ends;
    case 'BestEffort':
      return qosClassOf(pod) === 'BestEffort';
    case 'NotBestEffort':
      return qosClassOf(pod) !== 'BestEffort';
    case 'PriorityClass':
      return selects(scope, pod.spec?.priorityClassName);
    case 'CrossNamespacePodAffinity':
      return hasForeignAffinity(pod);
    default:
      return false;
  }
}

/** Whether a quota is about an object, as far as its scopes go. */
export function matchesScopes(quota: ResourceQuota, { group, resource }: CountedResource, object: KubernetesObject): boolean {
  return scopesOf(quota).every((scope) => {
    if (group === '' && resource === 'pods') return podMatches(object as Pod, scope);
    if (group !== '' || resource !== 'persistentvolumeclaims' || scope.scopeName !== 'VolumeAttributesClass') return false;
    return selects(scope, (object as PersistentVolumeClaim).spec?.volumeAttributesClassName);
  });
}
