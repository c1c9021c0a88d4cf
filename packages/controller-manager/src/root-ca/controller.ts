// Every namespace has the config map `kube-root-ca.crt` with the certificate that pods verify the API server by.
import { type ConfigMap, deepEqual, isAlreadyExists, isDeleting, type Namespace } from '@steersman/api';
import type { Client, InformerFactory } from '@steersman/client';
import { type Controller, done, type Result } from '../runtime/controller.js';

const mapName = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

export class RootCaController implements Controller<'Namespace'> {
  readonly name = 'root-ca-certificate-publisher';
  readonly watches = 'Namespace';
  readonly related = [
    {
      kind: 'ConfigMap' as const,
      keysOf: ({ object }: { object: { metadata?: { name?: string; namespace?: string } } }) =>
        object.metadata?.name === mapName ? [object.metadata.namespace ?? ''] : [],
    },
  ];

  constructor(
    private readonly client: Client,
    private readonly informers: InformerFactory,
    private readonly rootCa: string,
  ) {}

  async reconcile(namespace: Namespace): Promise<Result> {
    if (isDeleting(namespace)) return done;
    const data = { 'ca.crt': this.rootCa };
    const existing = this.informers.of('ConfigMap').lister.get(namespace.metadata.name ?? '', mapName);
    if (!existing) {
      await this.client
        .create<ConfigMap>({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: mapName, namespace: namespace.metadata.name ?? '', annotations },
          data,
        })
        .catch((error: unknown) => {
          if (!isAlreadyExists(error)) throw error;
        });
    } else if (!deepEqual(existing.data, data) || existing.metadata.annotations?.['kubernetes.io/description'] === undefined)
      await this.client.update<ConfigMap>({
        ...existing,
        metadata: { ...existing.metadata, annotations: { ...existing.metadata.annotations, ...annotations } },
        data,
      });
    return done;
  }
}
