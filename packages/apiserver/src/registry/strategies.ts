// The strategies of built-in kinds, by `group/resource`. A kind that is not here has the generic behaviour alone.
import {
  type APIService,
  type CertificateSigningRequest,
  deepEqual,
  generateJobSelector,
  type Job,
  type Node,
  type ResourceSlice,
  type Secret,
} from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { definitionStrategy } from '../custom-resources/definitions/strategy.js';
import { eventFields, newerEventFields } from './events/selectable-fields.js';
import { namespaceStrategy } from './namespaces/strategy.js';
import { without } from './object-meta.js';
import { keepAllButStatus } from './object-parts.js';
import { podStrategy } from './pods/strategy.js';
import type { Strategy } from './strategy.js';

/** Replica counts that selectors may ask for. */
const replicasField = (object: ApiObject): Readonly<Record<string, string>> => ({
  'status.replicas': String((object['status'] as { replicas?: number } | undefined)?.replicas ?? 0),
});

const setStatus = (status: unknown): Strategy => ({
  prepareForCreate: (object) => {
    object['status'] = structuredClone(status);
  },
});

/** A daemon set counts the changes of its template in an annotation, from before there were revisions. */
const templateGeneration = 'deprecated.daemonset.template.generation';

const withTemplateGeneration = (object: ApiObject, generation: number): void => {
  object.metadata = { ...object.metadata, annotations: { ...object.metadata.annotations, [templateGeneration]: String(generation) } };
};

const templateOf = (object: ApiObject): unknown => (object['spec'] as { template?: unknown } | undefined)?.template;

const daemonSetStrategy: Strategy = {
  prepareForCreate: (object) => withTemplateGeneration(object, 1),
  prepareForUpdate: (object, old) => {
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 1);
    withTemplateGeneration(object, deepEqual(templateOf(object), templateOf(old)) ? before : before + 1);
  },
};

export const builtinStrategies: Readonly<Record<string, Strategy>> = {
  '/pods': podStrategy,
  '/namespaces': namespaceStrategy,
  '/nodes': {
    keepsStatusOnCreate: true,
    selectableFields: (object) => ({ 'spec.unschedulable': String((object as unknown as Node).spec?.unschedulable ?? false) }),
  },
  '/configmaps': { allowCreateOnUpdate: false },
  '/secrets': { selectableFields: (object) => ({ type: (object as unknown as Secret).type ?? '' }) },
  '/events': { allowCreateOnUpdate: true, selectableFields: eventFields },
  'events.k8s.io/events': { allowCreateOnUpdate: true, selectableFields: newerEventFields },
  '/endpoints': { allowCreateOnUpdate: true },
  '/limitranges': { allowCreateOnUpdate: true },
  '/resourcequotas': { returnsDeletedObject: true },
  '/serviceaccounts': { returnsDeletedObject: true },
  '/podtemplates': { returnsDeletedObject: true },
  '/persistentvolumes': {
    prepareForCreate: (object) => {
      object['status'] = { phase: 'Pending', lastPhaseTransitionTime: object.metadata.creationTimestamp };
    },
    returnsDeletedObject: true,
  },
  '/persistentvolumeclaims': { ...setStatus({ phase: 'Pending' }), returnsDeletedObject: true },
  '/replicationcontrollers': { defaultPropagation: 'Orphan', selectableFields: replicasField },
  'apps/replicasets': { selectableFields: replicasField },
  'apps/deployments': {
    prepareForStatusUpdate(object, old) {
      keepAllButStatus(object, old);
      const { labels } = old.metadata;
      object.metadata = { ...without(object.metadata, 'labels'), ...(labels && { labels }) };
    },
  },
  'apps/daemonsets': daemonSetStrategy,
  'batch/jobs': {
    prepareForCreate: (object) => generateJobSelector(object as unknown as Job),
    defaultPropagation: 'Orphan',
    deletionWarning:
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    selectableFields: (object) => ({ 'status.successful': String((object['status'] as { succeeded?: number } | undefined)?.succeeded ?? 0) }),
  },
  'coordination.k8s.io/leases': { allowCreateOnUpdate: true, allowUnconditionalUpdate: false },
  'storage.k8s.io/csinodes': { returnsDeletedObject: true },
  'storage.k8s.io/storageclasses': { returnsDeletedObject: true },
  'storage.k8s.io/volumeattachments': { returnsDeletedObject: true },
  'storage.k8s.io/volumeattributesclasses': { returnsDeletedObject: true },
  'storage.k8s.io/csidrivers': {
    returnsDeletedObject: true,
    // New ones have no generation; changes are counted all the same.
    prepareForUpdate: (object, old) => {
      if (!deepEqual(object['spec'], old['spec'])) object.metadata = { ...object.metadata, generation: (old.metadata.generation ?? 0) + 1 };
    },
  },
  'resource.k8s.io/resourceslices': {
    returnsDeletedObject: true,
    selectableFields: (object) => {
      const { nodeName = '', driver = '' } = (object as unknown as ResourceSlice).spec ?? {};
      return { 'spec.nodeName': nodeName, 'spec.driver': driver };
    },
  },
  'apiregistration.k8s.io/apiservices': {
    // What no other server serves can always be had.
    prepareForCreate: (object) => {
      const { spec } = object as unknown as APIService;
      const { creationTimestamp: lastTransitionTime } = object.metadata;
      const message = 'Local APIServices are always available';
      object['status'] = spec?.service ? {} : { conditions: [{ type: 'Available', status: 'True', lastTransitionTime, reason: 'Local', message }] };
    },
  },
  'networking.k8s.io/ingresses': setStatus({ loadBalancer: {} }),
  'rbac.authorization.k8s.io/roles': { allowCreateOnUpdate: true },
  'rbac.authorization.k8s.io/rolebindings': { allowCreateOnUpdate: true },
  'rbac.authorization.k8s.io/clusterroles': { allowCreateOnUpdate: true },
  'rbac.authorization.k8s.io/clusterrolebindings': { allowCreateOnUpdate: true },
  'scheduling.k8s.io/priorityclasses': {
    allowCreateOnUpdate: false,
    prepareForCreate: (object) => {
      object.metadata = { ...object.metadata, generation: 1 };
    },
    countsGenerations: false,
  },
  'apiextensions.k8s.io/customresourcedefinitions': definitionStrategy,
  'certificates.k8s.io/certificatesigningrequests': {
    selectableFields: (object) => ({ 'spec.signerName': (object as unknown as CertificateSigningRequest).spec?.signerName ?? '' }),
    prepareForCreate: (object, { context }) => {
      const { spec } = object as unknown as CertificateSigningRequest;
      const { user } = context;
      Object.assign(spec, {
        username: user.name,
        ...(user.uid && { uid: user.uid }),
        groups: [...user.groups],
        ...(user.extra && { extra: structuredClone(user.extra) as { [key: string]: string[] } }),
      });
      object['status'] = {};
    },
    prepareForUpdate: (object, old) => {
      object['spec'] = old['spec'];
    },
  },
};
