// The scale subresource: the replica count of a workload as autoscaling/v1 Scale.
import { badRequest, deepEqual, invalidObject, selectorText } from '@steersman/api';
import type { PatchType } from '@steersman/client';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import type { Answer, RequestBody } from '../handler/handler-tools.js';
import { decodeKind } from '../registry/builtin-codec.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import { nameMismatch } from '../registry/write-errors.js';
import { managersAfter, patchedScale, scaleSchema, trackScale, withManagers } from './scale-ownership.js';
import type { Subresource, SubresourceRequest } from './subresource.js';

interface Workload extends ApiObject {
  spec: { replicas?: number; selector?: unknown };
  status?: { replicas?: number };
}

/** How the body of a scale request is read: as a kind of its own. */
const scaleDefinition = {
  info: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  codec: {
    decode: (value: unknown) => ({ object: decodeKind({ kind: 'Scale', version: 'v1' }, scaleSchema, value), problems: [] }),
    applyDefaults() {},
  },
} as unknown as ResourceDefinition;

/** Replication controllers have a plain map for a selector. */
const selectorOf = ({ spec }: Workload, plain: boolean): string =>
  spec.selector === undefined
    ? ''
    : selectorText(plain ? { matchLabels: spec.selector as Record<string, string> } : (spec.selector as Parameters<typeof selectorText>[0]));

const scaleOf = (workload: Workload, plain: boolean): ApiObject =>
  scaleObject(workload, { replicas: workload.spec.replicas, ready: workload.status?.replicas, selector: selectorOf(workload, plain) });

export interface ScaleCounts {
  readonly replicas: number | undefined;
  readonly ready: number | undefined;
  readonly selector: string;
}

/** The Scale of an object with these counts. */
export function scaleObject({ metadata }: ApiObject, { replicas, ready, selector }: ScaleCounts): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name && { name }),
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    spec: replicas ? { replicas } : {},
    status: { replicas: ready ?? 0, ...(selector && { selector }) },
  };
}

const isPlain = ({ path }: SubresourceRequest): boolean => path.resource === 'replicationcontrollers';

const answer = (object: ApiObject): Answer => ({ code: 200, object });

async function change(request: SubresourceRequest, next: (scale: ApiObject) => Promise<ApiObject>): Promise<Answer> {
  const { tools, context, path, target, options } = request;
  const plain = isPlain(request);
  let wanted = 0;
  const check = async (object: ApiObject, old?: ApiObject): Promise<void> => {
    const base = {
      operation: 'UPDATE' as const,
      resource: target.stored,
      subresource: 'scale',
      name: path.name ?? '',
      user: context.user,
      context,
      dryRun: options.dryRun ?? false,
      ...(path.namespace && { namespace: path.namespace }),
    };
    await tools.admission.validate({ ...base, object: scaleOf(object as Workload, plain), ...(old && { old: scaleOf(old as Workload, plain) }) });
  };
  const { object } = await target.stored.update(
    path.namespace,
    path.name ?? '',
    async (current) => {
      const before = withManagers(scaleOf(current as Workload, plain), current as Workload);
      const scale = await next(before);
      checkScaleUid(request, scale, before);
      wanted = (scale['spec'] as { replicas?: number } | undefined)?.replicas ?? 0;
      if (wanted < 0)
        throw invalidObject({ group: 'autoscaling', kind: 'Scale' }, path.name ?? '', [
          { field: 'spec.replicas', reason: 'FieldValueInvalid', message: `Invalid value: ${wanted}: must be greater than or equal to 0` },
        ]);
      const { resourceVersion } = scale.metadata;
      const workload = current as Workload;
      return {
        ...workload,
        metadata: { ...workload.metadata, resourceVersion: resourceVersion ?? '', ...managersAfter(request, workload, scale) },
        spec: { ...workload.spec, replicas: wanted },
      };
    },
    {
      context,
      dryRun: options.dryRun ?? false,
      part: 'object',
      prepare: (object, old) => {
        const changed = !deepEqual(object['spec'], old['spec']);
        if (changed && old.metadata.generation !== undefined) object.metadata = { ...object.metadata, generation: old.metadata.generation + 1 };
      },
      validate: () => [],
      check,
    },
  );
  return answer(scaleOf(object.object as Workload, plain));
}

export function checkScaleUid({ path }: SubresourceRequest, scale: ApiObject, before: ApiObject): void {
  const { uid } = scale.metadata;
  if (!uid || uid === before.metadata.uid) return;
  const error = badRequest(
    `Operation cannot be fulfilled on ${path.resource}/scale.${path.group} "${path.name}": Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
  );
  error.status.code = 409;
  error.status.reason = 'Conflict';
  error.status.details = { name: path.name ?? '', group: path.group, kind: `${path.resource}/scale` };
  throw error;
}

export function decodeScale({ body, context, options, path }: SubresourceRequest & { body: RequestBody }): ApiObject {
  const scale = decodeBody(body, scaleDefinition, { context, options });
  const { name } = scale.metadata;
  if (!name) throw badRequest(`the name of the object (${path.name} based on URL) was undeterminable: name must be provided`);
  if (name !== path.name) throw nameMismatch(name, path.name ?? '');
  return scale;
}

export const scaleSubresource: Subresource = {
  async get(request) {
    const { target, path } = request;
    const found = await target.stored.get(path.namespace, path.name ?? '');
    return answer(scaleOf(found.object as Workload, isPlain(request)));
  },
  update: (request) => {
    const scale = decodeScale(request);
    return change(request, async (before) => trackScale(request, before, scale));
  },
  patch: (request: SubresourceRequest & { type: PatchType; patch: unknown }) => change(request, async (before) => patchedScale(request, before)),
};
