// Where objects live in the store: upstream's keys, so that etcdctl and upstream's tools find them.
import { builtinResources, type GroupResource } from '@steersman/api';

/** Resources whose key prefix is not `/registry/<resource>/`. */
const prefixes: Readonly<Record<string, string>> = {
  '/services': 'services/specs',
  '/endpoints': 'services/endpoints',
  '/nodes': 'minions',
  '/replicationcontrollers': 'controllers',
  'networking.k8s.io/ingresses': 'ingress',
  'events.k8s.io/events': 'events',
  'apiextensions.k8s.io/customresourcedefinitions': 'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices': 'apiregistration.k8s.io/apiservices',
};

/** The key prefix of a built-in resource, with its closing slash. */
export const builtinPrefix = (group: string, resource: string): string => `/registry/${prefixes[`${group}/${resource}`] ?? resource}/`;

/** The key prefix of a custom resource. */
export const customPrefix = (group: string, resource: string): string => `/registry/${group}/${resource}/`;

/** The key of an object. */
export const objectKey = (prefix: string, { namespace, name }: { namespace?: string | undefined; name: string }): string =>
  namespace ? `${prefix}${namespace}/${name}` : prefix + name;

const byPrefix = new Map<string, GroupResource>();
for (const { group, resource } of builtinResources) {
  const prefix = builtinPrefix(group, resource);
  if (group === '' || !byPrefix.has(prefix)) byPrefix.set(prefix, { group, resource });
}

/** The resource whose objects a key is among. */
export function resourceOfKey(key: string): GroupResource {
  const [, , first = '', second = ''] = key.split('/', 4);
  const known = byPrefix.get(`/registry/${first}/`) ?? byPrefix.get(`/registry/${first}/${second}/`);
  return known ?? (first.includes('.') ? { group: first, resource: second } : { group: '', resource: first });
}
