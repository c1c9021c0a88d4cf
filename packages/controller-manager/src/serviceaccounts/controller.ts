// Every namespace has the service account `default`.
import { isAlreadyExists, isDeleting, type Namespace } from '@steersman/api';
import type { Client, InformerFactory } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

export class ServiceAccountController implements Controller<'Namespace'> {
  readonly name = 'serviceaccount';
  readonly watches = 'Namespace';
  readonly related = [
    {
      kind: 'ServiceAccount' as const,
      keysOf: ({ type, object }: { type: string; object: { metadata?: { name?: string; namespace?: string } } }) =>
        type === 'delete' && object.metadata?.name === 'default' ? [object.metadata.namespace ?? ''] : [],
    },
  ];

  constructor(
    private readonly client: Client,
    private readonly informers: InformerFactory,
  ) {}

  async reconcile(namespace: Namespace): Promise<Result> {
    const name = namespace.metadata.name ?? '';
    if (isDeleting(namespace) || this.informers.of('ServiceAccount').lister.get(name, 'default')) return done;
    await this.client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
    return done;
  }
}
