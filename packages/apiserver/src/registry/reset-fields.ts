// Which fields no writer comes to own, because the strategy of the object or subresource written undoes changes of them.
import { type FieldPattern, fieldSetOf, type ResetFields } from '@steersman/api';
import type { ResourceDefinition } from './resource-definition.js';
import { resourceId } from './strategy.js';

const status: ResetFields = { excluded: fieldSetOf(['f:status']) };
const spec = ['f:spec'];
const metadata = ['f:metadata'];
const withMetadata: ResetFields = { excluded: fieldSetOf(spec, metadata) };

/** Status subresources that undo more than changes of the spec. */
const statusResets: Readonly<Record<string, ResetFields>> = {
  '/pods': { excluded: fieldSetOf(spec, ['f:metadata', 'f:deletionTimestamp'], ['f:metadata', 'f:ownerReferences']) },
  'apps/deployments': { excluded: fieldSetOf(spec, ['f:metadata', 'f:labels']) },
  'apiextensions.k8s.io/customresourcedefinitions': withMetadata,
  'apiregistration.k8s.io/apiservices': withMetadata,
  'admissionregistration.k8s.io/validatingadmissionpolicies': withMetadata,
  'flowcontrol.apiserver.k8s.io/flowschemas': withMetadata,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': withMetadata,
};

const everything: FieldPattern = {};
const resources: FieldPattern = { '*': { 'f:resources': everything, 'f:resizePolicy': everything } };

/** Subresources that change one part of the object. */
const partial: Readonly<Record<string, ResetFields>> = {
  ephemeralcontainers: { included: { 'f:spec': { 'f:ephemeralContainers': everything } } },
  resize: { included: { 'f:spec': { 'f:containers': resources, 'f:initContainers': resources } } },
};

export function resetFieldsOf({ info, hasStatus, custom }: ResourceDefinition, subresource: string | undefined): ResetFields {
  switch (subresource) {
    case undefined:
      return hasStatus ? status : {};
    case 'status':
      return custom ? { included: { 'f:status': everything } } : (statusResets[resourceId(info)] ?? { excluded: fieldSetOf(spec) });
    case 'finalize':
      return status;
    case 'approval':
      return { excluded: fieldSetOf(spec) };
    default:
      return partial[subresource] ?? {};
  }
}
