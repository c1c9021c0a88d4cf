// NamespaceLifecycle: nothing is created in a namespace that is missing or going, and the system's namespaces stay.
import { forbidden, notFound } from '@steersman/api';
import type { ResourceCache } from '../cache/resource-cache.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

export interface NamespaceSource {
  readonly cache: ResourceCache;
  /** Brings the cache up to the store's present. */
  refresh(): Promise<void>;
}

export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';

  constructor(private readonly namespaces: NamespaceSource) {}

  async mutate(request: AdmissionRequest): Promise<void> {
    const { info } = request.resource.definition;
    if (info.group === '' && info.resource === 'namespaces') {
      if (request.operation === 'DELETE' && request.name && immortal.has(request.name))
        throw forbidden({ group: '', resource: 'namespaces' }, request.name, 'this namespace may not be deleted');
      return;
    }
    if (!info.namespaced || request.operation === 'DELETE' || request.operation === 'CONNECT' || !request.namespace) return;
    if (info.resource.endsWith('accessreviews')) return;
    if (request.operation !== 'CREATE') return;
    await this.checkCreate(request, request.namespace);
  }

  private async checkCreate(request: AdmissionRequest, namespace: string): Promise<void> {
    const { cache } = this.namespaces;
    if (!cache.get(cache.prefix + namespace)) await this.namespaces.refresh();
    const found = cache.get(cache.prefix + namespace);
    if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
    const phase = (found.object['status'] as { phase?: string } | undefined)?.phase;
    if (phase !== 'Terminating' && found.object.metadata.deletionTimestamp === undefined) return;
    const { group, resource } = request.resource.definition.info;
    const error = forbidden(
      { group, resource },
      request.object?.metadata.name ?? request.name ?? '',
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
    error.status.details = {
      ...error.status.details,
      causes: [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }],
    };
    throw error;
  }
}
