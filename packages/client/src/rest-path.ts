// The URL of a request: resource paths and options as the Kubernetes REST API spells them.
import type { ListOptions, ResourcePath, WatchOptions, WriteOptions } from './transport.js';

export function urlPath({ group, version, resource, namespace, name, subresource }: ResourcePath): string {
  const prefix = group ? ['apis', group, version] : ['api', version];
  const inNamespace = namespace ? ['namespaces', namespace] : [];
  const parts = [...prefix, ...inNamespace, resource, ...(name ? [name] : []), ...(subresource ? [subresource] : [])];
  return `/${parts.map(encodeURIComponent).join('/')}`;
}

export function urlQuery(options: ListOptions & WatchOptions & WriteOptions & { watch?: boolean }): string {
  const query = new URLSearchParams();
  if (options.watch) query.set('watch', 'true');
  if (options.labelSelector) query.set('labelSelector', options.labelSelector);
  if (options.fieldSelector) query.set('fieldSelector', options.fieldSelector);
  if (options.limit) query.set('limit', String(options.limit));
  if (options.continue) query.set('continue', options.continue);
  if (options.resourceVersion !== undefined) query.set('resourceVersion', options.resourceVersion);
  if (options.resourceVersionMatch) query.set('resourceVersionMatch', options.resourceVersionMatch);
  if (options.allowBookmarks) query.set('allowWatchBookmarks', 'true');
  if (options.sendInitialEvents) query.set('sendInitialEvents', 'true');
  if (options.dryRun) query.set('dryRun', 'All');
  if (options.fieldManager) query.set('fieldManager', options.fieldManager);
  if (options.fieldValidation) query.set('fieldValidation', options.fieldValidation);
  if (options.force) query.set('force', 'true');
  const text = query.toString();
  return text ? `?${text}` : '';
}
