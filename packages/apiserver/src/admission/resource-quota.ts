// ResourceQuota: what a namespace may have of things; what is made is charged to its quotas at once.
// Mirrors https://kubernetes.io/docs/concepts/policy/resource-quotas/
import {
  addUsage,
  changesUsage,
  compareQuantities,
  forbidden,
  isQuotaNameOf,
  matchesScopes,
  type Pod,
  quotaUsage,
  type ResourceQuota,
  StatusError,
  subtractQuantities,
  type Usage,
  unspecified,
} from '@steersman/api';
import { loopbackUser } from '../authn/user.js';
import type { ApiObject } from '../cache/cached-object.js';
import type { Resource } from '../registry/resource.js';
import { createContext } from '../request/request-context.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';

interface Charge {
  readonly quota: ResourceQuota;
  /** What the request takes of what the quota limits. */
  readonly usage: Usage;
}

const only = (usage: Usage, names: Iterable<string>): Usage => {
  const wanted = new Set(names);
  return Object.fromEntries(Object.entries(usage).filter(([name]) => wanted.has(name)));
};

const shown = (usage: Usage): string =>
  Object.entries(usage)
    .map(([name, quantity]) => `${name}=${quantity}`)
    .sort()
    .join(',');

export class ResourceQuotaAdmission implements AdmissionPlugin {
  readonly name = 'ResourceQuota';

  constructor(private readonly quotas: Resource) {}

  async validate(request: AdmissionRequest): Promise<void> {
    const { operation, resource, subresource, namespace, object, dryRun } = request;
    if (!namespace || !object || subresource || !resource.definition.info.namespaced) return;
    if (operation !== 'CREATE' && !(operation === 'UPDATE' && changesUsage(resource.groupResource))) return;
    const charges = this.quotas.cache
      .list(namespace)
      .map(({ object: quota }) => quota as unknown as ResourceQuota)
      .flatMap((quota) => chargeOf(request, object, quota));
    for (const charge of charges) charged(request, charge, charge.quota);
    if (!dryRun) for (const charge of charges) await this.write(request, charge);
  }

  private async write(request: AdmissionRequest, charge: Charge): Promise<void> {
    const { namespace, name = '' } = charge.quota.metadata;
    try {
      await this.quotas.update(
        namespace,
        name,
        async (current) => {
          const quota = current as unknown as ResourceQuota;
          return { ...quota, status: { ...quota.status, used: charged(request, charge, quota) } } as unknown as ApiObject;
        },
        { context: createContext(loopbackUser), dryRun: false, part: 'status', check: async () => {} },
      );
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error;
    }
  }
}

/** What a request takes of a quota, if anything; throws where it may not take any. */
function chargeOf(request: AdmissionRequest, object: ApiObject, quota: ResourceQuota): Charge[] {
  const { resource, old } = request;
  const { groupResource } = resource;
  const names = Object.keys(quota.status?.hard ?? {}).filter((name) => isQuotaNameOf(groupResource, name));
  if (names.length === 0 || !matchesScopes(quota, groupResource, object)) return [];
  const name = quota.metadata.name ?? '';
  const missing = groupResource.group === '' && groupResource.resource === 'pods' ? unspecified(object as unknown as Pod, names) : undefined;
  if (missing) throw refused(request, `failed quota: ${name}: must specify ${missing}`);
  const unknown = names.filter((one) => quota.status?.used?.[one] === undefined);
  if (unknown.length) throw refused(request, `status unknown for quota: ${name}, resources: ${unknown.sort().join(',')}`);
  const before = old && matchesScopes(quota, groupResource, old) ? quotaUsage(groupResource, old) : {};
  const usage = increase(only(quotaUsage(groupResource, object), names), before);
  return Object.keys(usage).length ? [{ quota, usage }] : [];
}

/** How much more is used than before; what is not more is left out. */
function increase(usage: Usage, before: Usage): Usage {
  const grown = Object.entries(usage).map(([name, quantity]) => [name, subtractQuantities(quantity, before[name] ?? '0')] as const);
  return Object.fromEntries(grown.filter(([, quantity]) => compareQuantities(quantity, '0') > 0));
}

/** What the quota counts with the charge; throws where that is more than it allows. */
function charged(request: AdmissionRequest, { usage }: Charge, { metadata, status }: ResourceQuota): Usage {
  const { used = {}, hard = {} } = status ?? {};
  const total = addUsage(used, usage);
  const exceeded = Object.keys(usage).filter((name) => hard[name] !== undefined && compareQuantities(total[name] ?? '0', hard[name]) > 0);
  if (exceeded.length === 0) return total;
  const [requested, before, limited] = [usage, used, hard].map((one) => shown(only(one, exceeded)));
  throw refused(request, `exceeded quota: ${metadata.name}, requested: ${requested}, used: ${before}, limited: ${limited}`);
}

const refused = ({ resource, name, object }: AdmissionRequest, why: string): StatusError =>
  forbidden(resource.groupResource, name ?? object?.metadata.name ?? '', why);
