// Namespaces: they live until the finalizers in their spec are gone, which the namespace controller sees to.
import type { Namespace } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Strategy } from '../strategy.js';

const asNamespace = (object: ApiObject): Namespace => object as unknown as Namespace;

export const namespaceStrategy: Strategy = {
  returnsDeletedObject: true,
  prepareForCreate(object) {
    const namespace = asNamespace(object);
    namespace.status = { phase: 'Active' };
    const finalizers = namespace.spec?.finalizers ?? [];
    namespace.spec = { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
    namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name ?? '' };
  },
  prepareForUpdate(object, old) {
    const namespace = asNamespace(object);
    const before = asNamespace(old);
    if (before.spec) namespace.spec = before.spec;
    namespace.metadata.labels = { ...namespace.metadata.labels, 'kubernetes.io/metadata.name': namespace.metadata.name ?? '' };
  },
  selectableFields: (object) => ({ 'status.phase': asNamespace(object).status?.phase ?? '', name: object.metadata.name ?? '' }),
};
