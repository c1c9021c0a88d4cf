// DefaultIngressClass: an ingress that names no class gets the one marked as default.
import type { Ingress, IngressClass } from '@steersman/api';
import type { Resource } from '../registry/resource.js';
import { type AdmissionPlugin, type AdmissionRequest, concerns } from './admission.js';
import { newestDefault } from './default-storage-class.js';

export class DefaultIngressClass implements AdmissionPlugin {
  readonly name = 'DefaultIngressClass';

  constructor(private readonly classes: Resource) {}

  mutate(request: AdmissionRequest): void {
    if (request.operation !== 'CREATE' || !concerns(request, 'networking.k8s.io', 'ingresses')) return;
    const ingress = request.object as unknown as Ingress;
    if (ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
    const found = newestDefault(
      this.classes.cache.list().map(({ object }) => object as unknown as IngressClass),
      ['ingressclass.kubernetes.io/is-default-class'],
    );
    if (found?.metadata.name) ingress.spec = { ...ingress.spec, ingressClassName: found.metadata.name };
  }
}
