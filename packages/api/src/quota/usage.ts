// What objects count for in resource quotas.
// Mirrors https://kubernetes.io/docs/concepts/policy/resource-quotas/
import { memberOf, setMember } from '../clone.js';
import type { PersistentVolumeClaim, Pod, ResourceRequirements, Service } from '../gen/types.js';
import { isExtended, isHugePages } from '../kinds/resource-names.js';
import { podResources } from '../pod-resources.js';
import { addQuantities } from '../quantity.js';
import type { KubernetesObject } from '../resource-info.js';

export type Usage = Record<string, string>;

export interface CountedResource {
  readonly group: string;
  readonly resource: string;
}

const classSuffix = '.storageclass.storage.k8s.io/';
const computeNames = new Set(['cpu', 'memory', 'ephemeral-storage']);
/** Resources of the core group that are counted by their plain name too. */
const plainCounts = new Set(['configmaps', 'secrets', 'resourcequotas', 'replicationcontrollers']);
/** What every container has to say of itself where a quota limits it. */
const demanded = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

const isCore = ({ group, resource }: CountedResource, name: string): boolean => group === '' && resource === name;
const isPods = (resource: CountedResource): boolean => isCore(resource, 'pods');
const isClaims = (resource: CountedResource): boolean => isCore(resource, 'persistentvolumeclaims');
const isServices = (resource: CountedResource): boolean => isCore(resource, 'services');

/** `count/pods`, `count/deployments.apps` */
const countName = ({ group, resource }: CountedResource): string => `count/${resource}${group ? `.${group}` : ''}`;

/** A pod that has ended uses nothing any more. */
const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

function computeUsage(requests: Usage, limits: Usage): Usage {
  const usage: Usage = {};
  for (const [name, quantity] of Object.entries(requests)) {
    if (computeNames.has(name) || isHugePages(name)) usage[name] = quantity;
    if (computeNames.has(name) || isHugePages(name) || isExtended(name)) usage[`requests.${name}`] = quantity;
  }
  for (const [name, quantity] of Object.entries(limits)) if (computeNames.has(name)) usage[`limits.${name}`] = quantity;
  return usage;
}

function podUsage(pod: Pod): Usage {
  if (isOver(pod)) return {};
  return { pods: '1', ...computeUsage(podResources(pod.spec, 'requests'), podResources(pod.spec, 'limits')) };
}

function claimUsage({ spec, status }: PersistentVolumeClaim): Usage {
  const className = spec?.storageClassName;
  const storage = status?.allocatedResources?.['storage'] ?? spec?.resources?.requests?.['storage'];
  return {
    persistentvolumeclaims: '1',
    ...(storage && { 'requests.storage': storage }),
    ...(className && { [`${className}${classSuffix}persistentvolumeclaims`]: '1' }),
    ...(className && storage && { [`${className}${classSuffix}requests.storage`]: storage }),
  };
}

function serviceUsage({ spec }: Service): Usage {
  const ports = spec?.ports ?? [];
  const balanced = spec?.type === 'LoadBalancer';
  const wanted = spec?.type === 'NodePort' || (balanced && spec.allocateLoadBalancerNodePorts !== false);
  const nodePorts = wanted ? ports.length : balanced ? ports.filter(({ nodePort }) => nodePort).length : 0;
  return { services: '1', 'services.nodeports': String(nodePorts), 'services.loadbalancers': balanced ? '1' : '0' };
}

/** What an object of a resource counts for. */
export function quotaUsage(resource: CountedResource, object: KubernetesObject): Usage {
  const counted = { [countName(resource)]: '1' };
  if (isPods(resource)) return { ...counted, ...podUsage(object as Pod) };
  if (isClaims(resource)) return { ...counted, ...claimUsage(object as PersistentVolumeClaim) };
  if (isServices(resource)) return { ...counted, ...serviceUsage(object as Service) };
  return { ...counted, ...(resource.group === '' && plainCounts.has(resource.resource) && { [resource.resource]: '1' }) };
}

const isPodName = (name: string): boolean => {
  const plain = name.replace(/^(requests|limits)\./, '');
  return name === 'pods' || computeNames.has(plain) || isHugePages(plain) || (name.startsWith('requests.') && isExtended(plain));
};

/** Whether a name in a quota is about objects of a resource. */
export function isQuotaNameOf(resource: CountedResource, name: string): boolean {
  if (name === countName(resource)) return true;
  if (isPods(resource)) return isPodName(name);
  if (isClaims(resource)) return name === 'persistentvolumeclaims' || name === 'requests.storage' || name.includes(classSuffix);
  if (isServices(resource)) return name === 'services' || name === 'services.nodeports' || name === 'services.loadbalancers';
  return resource.group === '' && plainCounts.has(resource.resource) && name === resource.resource;
}

/** Whether changes of an object can change what it counts for. */
export const changesUsage = (resource: CountedResource): boolean => isClaims(resource) || isServices(resource);

/** What the containers of a pod fail to say, though a quota limits it: "requests.cpu for: a,b"; undefined where nothing is missing. */
export function unspecified({ spec }: Pod, names: readonly string[]): string | undefined {
  const wanted = names.filter((name) => demanded.has(name));
  const whole = said(spec?.resources);
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const missing = wanted.sort().flatMap((name) => {
    if (Object.hasOwn(whole, name)) return [];
    const silent = containers.filter(({ resources }) => !Object.hasOwn(said(resources), name)).map((container) => container.name);
    return silent.length ? [`${name} for: ${[...new Set(silent)].sort().join(',')}`] : [];
  });
  return missing.length ? missing.join('; ') : undefined;
}

const said = (resources: ResourceRequirements | undefined): Usage => computeUsage(resources?.requests ?? {}, resources?.limits ?? {});

export function addUsage(total: Usage, usage: Usage): Usage {
  const sum = { ...total };
  for (const [name, quantity] of Object.entries(usage)) {
    const before = memberOf(sum, name);
    setMember(sum, name, before === undefined ? quantity : addQuantities(before, quantity));
  }
  return sum;
}
