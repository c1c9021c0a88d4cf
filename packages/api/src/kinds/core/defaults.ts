// The small kinds of the core group.
import type { LimitRange, LimitRangeItem, Namespace, Node, ResourceQuota, Secret } from '../../gen/types.js';
import { roundedToMilli } from '../resource-list.js';

export function secretDefaults(secret: Secret): void {
  secret.type ??= 'Opaque';
  textIntoData(secret);
}

/** The text form of a secret's values goes into its data. */
function textIntoData(secret: Secret): void {
  if (!secret.stringData) return;
  const encoded = Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')] as const);
  const data = { ...secret.data, ...Object.fromEntries(encoded) };
  secret.data = Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
  delete secret.stringData;
}

export function namespaceDefaults(namespace: Namespace): void {
  namespace.status ??= {};
  namespace.status.phase ??= 'Active';
  const name = namespace.metadata.name;
  if (name) namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': name };
}

export function nodeDefaults({ spec, status }: Node): void {
  // Configuration from the API was given up long ago.
  delete spec?.configSource;
  if (spec?.podCIDR) {
    if (spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
  } else if (spec?.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
  if (!status) return;
  roundedToMilli(status.capacity);
  roundedToMilli(status.allocatable);
  if (status.capacity) status.allocatable ??= { ...status.capacity };
}

export function resourceQuotaDefaults({ spec, status }: ResourceQuota): void {
  roundedToMilli(spec?.hard);
  roundedToMilli(status?.hard);
  roundedToMilli(status?.used);
}

export function limitRangeDefaults({ spec }: LimitRange): void {
  for (const item of spec?.limits ?? []) limitRangeItemDefaults(item);
}

function limitRangeItemDefaults(item: LimitRangeItem): void {
  for (const list of [item.max, item.min, item['default'], item.defaultRequest, item.maxLimitRequestRatio]) roundedToMilli(list);
  if (item.type !== 'Container') return;
  const limit = { ...item.max, ...item['default'] };
  const request = { ...item.min, ...limit, ...item.defaultRequest };
  if (Object.keys(limit).length > 0) item['default'] = limit;
  if (Object.keys(request).length > 0) item.defaultRequest = request;
}
