// The scale subresource of a custom resource: its counts and selector, wherever its definition says they are.
import { badRequest, type CustomResourceSubresourceScale, internalError, StatusError } from '@steersman/api';
import type { ApiObject } from '../../cache/cached-object.js';
import type { Answer } from '../../handler/handler-tools.js';
import { requireManager, unsupportedPatch } from '../../handler/patch.js';
import { checkScaleUid, decodeScale, scaleObject } from '../../subresources/scale.js';
import { managersAfter, patchedScale, trackScale, withManagers } from '../../subresources/scale-ownership.js';
import type { Subresource, SubresourceRequest } from '../../subresources/subresource.js';
import { fieldPathOf, replicasAt, ScaleFieldError, selectorAt, withReplicas } from './scale-fields.js';

const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

export function customScale(paths: CustomResourceSubresourceScale): Subresource {
  const scaleOf = (object: ApiObject): ApiObject => {
    try {
      const selector = selectorAt(object, paths.labelSelectorPath);
      return scaleObject(object, {
        replicas: replicasAt(object, paths.specReplicasPath),
        selector,
        ready: replicasAt(object, paths.statusReplicasPath),
      });
    } catch (error) {
      throw error instanceof ScaleFieldError ? internalError(error) : error;
    }
  };
  const replicasField = fieldPathOf(paths.specReplicasPath);
  const answer = (object: ApiObject): Answer => ({ code: 200, object: scaleOf(object) });
  const change = async (request: SubresourceRequest, next: (scale: ApiObject) => ApiObject): Promise<Answer> => {
    const { tools, context, path, target, options } = request;
    const { stored } = target;
    const dryRun = options.dryRun ?? false;
    const base = { resource: stored, subresource: 'scale', name: path.name ?? '', user: context.user, context, dryRun };
    const where = path.namespace ? { namespace: path.namespace } : {};
    const transform = async (current: ApiObject | undefined): Promise<ApiObject> => {
      const before = withManagers(scaleOf(current!), current!, replicasField);
      const scale = next(before);
      checkScaleUid(request, scale, before);
      const wanted = (scale['spec'] as { replicas?: number } | undefined)?.replicas;
      if (wanted === undefined && replicasAt(current!, paths.specReplicasPath) === undefined)
        throw badRequest(`the spec replicas field ${JSON.stringify(paths.specReplicasPath)} cannot be empty`);
      const changed = withReplicas(current!, paths.specReplicasPath, wanted ?? 0);
      changed.metadata = {
        ...changed.metadata,
        resourceVersion: scale.metadata.resourceVersion ?? '',
        ...managersAfter(request, current!, scale, replicasField),
      };
      return changed;
    };
    const { object } = await stored.update(path.namespace, path.name ?? '', transform, {
      context,
      dryRun,
      part: 'object',
      // A scale without a version goes for whatever there is.
      unconditional: true,
      check: (final, old) =>
        tools.admission.validate({ ...base, ...where, operation: 'UPDATE', object: scaleOf(final), ...(old && { old: scaleOf(old) }) }),
    });
    return answer((await stored.shown(object)).object);
  };
  return {
    async get({ target, path }) {
      const { object } = await target.stored.shown(await target.stored.get(path.namespace, path.name ?? ''));
      if (replicasAt(object, paths.specReplicasPath) === undefined)
        throw internalError(new Error(`the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`));
      return answer(object);
    },
    update(request) {
      const scale = decodeScale(request);
      return change(request, (before) => trackScale(request, before, scale));
    },
    async patch(request) {
      if (!patchTypes.includes(request.type)) throw unsupportedPatch({ custom: true });
      if (request.type === 'application/apply-patch+yaml') return refuseApply(request);
      return change(request, (before) => patchedScale(request, before));
    },
  };
}

/** Upstream's manager of fields takes the scale of a custom resource for one of its versions, and so never applies one. */
async function refuseApply({ target, path, options }: SubresourceRequest): Promise<never> {
  requireManager(options);
  await target.stored.get(path.namespace, path.name ?? '');
  const convert = 'failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper version';
  const why = 'request to convert CR to an invalid group/version: autoscaling/v1';
  throw new StatusError({ code: 500, message: `failed to create manager for existing fields: ${convert}: ${why}` });
}
