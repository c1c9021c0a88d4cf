// Parts of a pod's spec that change by a subresource alone: ephemeral containers are added, resources resized.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/ and in-place resize.
import {
  type Container,
  clone,
  deepEqual,
  type EphemeralContainer,
  type FieldError,
  field,
  invalidObject,
  type Pod,
  qosClassOf,
} from '@steersman/api';
import type { PatchType } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import { trackFields } from '../handler/field-tracking.js';
import { type Answer, answerWith, type RequestBody } from '../handler/handler-tools.js';
import { patchedObject } from '../handler/patch.js';
import { type Subresource, type SubresourceRequest, trackedWrite } from './subresource.js';

/** What of the pod wanted may go over into the current one; throws where it may not. */
type Take = (current: Pod, wanted: Pod) => Pod;

async function change(request: SubresourceRequest, next: (current: ApiObject) => ApiObject, take: Take): Promise<Answer> {
  const { tools, context, path, target, options } = request;
  const { codec } = target.served.definition;
  const subresource = path.subresource ?? '';
  const name = path.name ?? '';
  const check = async (object: ApiObject, old?: ApiObject): Promise<void> => {
    const base = {
      operation: 'UPDATE' as const,
      resource: target.stored,
      subresource,
      name,
      user: context.user,
      context,
      dryRun: options.dryRun ?? false,
      ...(path.namespace && { namespace: path.namespace }),
    };
    await tools.admission.validate({ ...base, object, ...(old && { old }) });
  };
  const { object } = await target.stored.update(
    path.namespace,
    name,
    async (current) => {
      const wanted = next(current!);
      const { resourceVersion, managedFields } = wanted.metadata;
      const taken = take(current as unknown as Pod, wanted as unknown as Pod) as unknown as ApiObject;
      return { ...taken, metadata: { ...taken.metadata, resourceVersion: resourceVersion ?? '', ...(managedFields && { managedFields }) } };
    },
    {
      context,
      dryRun: options.dryRun ?? false,
      part: 'object',
      prepare: (after, old) => {
        if (!deepEqual(after['spec'], old['spec']) && old.metadata.generation !== undefined)
          after.metadata = { ...after.metadata, generation: old.metadata.generation + 1 };
      },
      // What creation alone forbids is just what these subresources are for.
      validate: (after) => codec.validateCreate(after).filter(({ field }) => field !== 'spec.ephemeralContainers'),
      check,
    },
  );
  return answerWith(200, target, object);
}

const partOf = (take: Take): Subresource => ({
  async get({ target, path }) {
    return answerWith(200, target, await target.stored.get(path.namespace, path.name ?? ''));
  },
  update: (request: SubresourceRequest & { body: RequestBody }) => {
    const given = decodeBody(request.body, request.target.served.definition, request);
    const next = (current: ApiObject): ApiObject => {
      const wanted = clone(given);
      trackFields(trackedWrite(request), current, wanted);
      return wanted;
    };
    return change(request, next, take);
  },
  patch: (request: SubresourceRequest & { type: PatchType; patch: unknown }) =>
    change(request, (current) => patchedObject(trackedWrite(request), current, request), take),
});

/** Ephemeral containers can be added, neither changed nor removed. */
export const ephemeralContainers = partOf((current, wanted) => {
  const before: readonly EphemeralContainer[] = current.spec?.ephemeralContainers ?? [];
  const after: readonly EphemeralContainer[] = wanted.spec?.ephemeralContainers ?? [];
  for (const old of before) {
    const same = after.find(({ name }) => name === old.name);
    if (!same || !deepEqual(same, old))
      throw invalidObject({ group: '', kind: 'Pod' }, current.metadata.name ?? '', [
        field.forbiddenField('spec.ephemeralContainers', `existing ephemeral containers "${old.name}" may not be ${same ? 'changed' : 'removed'}`),
      ]);
  }
  return { ...current, spec: { ...current.spec!, ephemeralContainers: [...after] } };
});

const resized = (current: readonly Container[] | undefined, wanted: readonly Container[] | undefined): Container[] =>
  (current ?? []).map((container) => {
    const found = wanted?.find(({ name }) => name === container.name);
    return found
      ? { ...container, ...(found.resources && { resources: found.resources }), ...(found.resizePolicy && { resizePolicy: found.resizePolicy }) }
      : container;
  });

export const podResize = partOf((current, wanted) => {
  const pod: Pod = {
    ...current,
    spec: {
      ...current.spec!,
      containers: resized(current.spec?.containers, wanted.spec?.containers),
      ...(current.spec?.initContainers && { initContainers: resized(current.spec.initContainers, wanted.spec?.initContainers) }),
    },
  };
  const errors = resizeErrors(current, wanted, pod);
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'Pod' }, current.metadata.name ?? '', errors);
  return pod;
});

/** Processor and memory may change, of containers that keep running, and within the pod's class of service. */
function resizeErrors(current: Pod, wanted: Pod, resizedPod: Pod): FieldError[] {
  const missing = (['containers', 'initContainers'] as const).filter(
    (list) => (wanted.spec?.[list]?.length ?? 0) !== (current.spec?.[list]?.length ?? 0),
  );
  if (missing.length > 0) return missing.map((list) => field.forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`));
  const once = (pod: Pod): Container[] => (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy !== 'Always');
  const errors: FieldError[] = [];
  if (qosClassOf(resizedPod) !== qosClassOf(current))
    errors.push(field.invalid('spec', qosClassOf(current), 'Pod QOS Class may not change as a result of resizing'));
  if (!deepEqual(once(resizedPod).map(resourcesOf), once(current).map(resourcesOf)))
    errors.push(field.forbiddenField('spec', 'resources for non-sidecar init containers are immutable'));
  else if (!deepEqual(allContainers(resizedPod).map(fixedResources), allContainers(current).map(fixedResources)))
    errors.push(field.forbiddenField('spec', 'only cpu and memory resources are mutable'));
  return errors;
}

const allContainers = ({ spec }: Pod): Container[] => [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
const resourcesOf = ({ resources }: Container): unknown => resources ?? {};

/** The resources of a container that never change. */
function fixedResources({ resources }: Container): unknown {
  const fixed = (list: Record<string, string> | undefined): unknown =>
    Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'));
  return { requests: fixed(resources?.requests), limits: fixed(resources?.limits) };
}
