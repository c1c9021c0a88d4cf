// Eviction: a pod is deleted, provided its disruption budget allows it.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
import {
  badRequest,
  type Eviction,
  isConflict,
  isPodReady,
  labelSelectorMatches,
  type Pod,
  type PodDisruptionBudget,
  StatusError,
  schemaOf,
  setCondition,
  tooManyRequests,
  toTime,
} from '@steersman/api';
import type { ApiObject } from '../cache/cached-object.js';
import { decodeBody } from '../handler/decode-body.js';
import type { RequestBody } from '../handler/handler-tools.js';
import { decodeKind } from '../registry/builtin-codec.js';
import { deleteObject } from '../registry/deletion.js';
import type { ResourceDefinition } from '../registry/resource-definition.js';
import type { Subresource, SubresourceRequest } from './subresource.js';

const schema = schemaOf('policy/v1', 'Eviction');
const definition = {
  info: { group: 'policy', version: 'v1', kind: 'Eviction' },
  codec: {
    decode: (value: unknown) => ({ object: decodeKind({ kind: 'Eviction', version: 'v1' }, schema!, value), problems: [] }),
    applyDefaults() {},
  },
} as unknown as ResourceDefinition;

export const evictionSubresource: Subresource = {
  async create(request) {
    const { target, path, context, options, tools } = request;
    const eviction = decodeBody(asServed(request.body), definition, { context, options }) as unknown as Eviction;
    if (eviction.metadata.name && eviction.metadata.name !== path.name) throw badRequest('name in URL does not match name in Eviction object');
    const pod = (await target.stored.get(path.namespace, path.name ?? '')).object as unknown as Pod;
    const dryRun = (options.dryRun ?? false) || (eviction.deleteOptions?.dryRun?.includes('All') ?? false);
    const passedOver = mayGoFreely(pod) ? undefined : await takeFromBudget(request, pod, dryRun);
    await deleteObject(target.stored, path.namespace, path.name ?? '', {
      options: (eviction.deleteOptions ?? {}) as object,
      dryRun,
      check: async (old) => {
        const one = {
          operation: 'DELETE' as const,
          resource: target.stored,
          user: context.user,
          context,
          dryRun,
          old,
          ...(path.namespace && { namespace: path.namespace }),
          ...(path.name && { name: path.name }),
        };
        await tools.admission.validate(one);
      },
    }).catch((error: unknown) => {
      // The pod is no longer the unhealthy one that could go without its budget.
      throw passedOver !== undefined && isConflict(error) ? stillProcessed(passedOver) : error;
    });
    return { code: 201, object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as unknown as ApiObject };
  },
};

/** Evictions of the version before are the same. */
function asServed(body: RequestBody): RequestBody {
  const { apiVersion } = (body.value ?? {}) as { apiVersion?: string };
  return apiVersion === 'policy/v1beta1' ? { ...body, value: { ...(body.value as object), apiVersion: 'policy/v1' } } : body;
}

const mayGoFreely = ({ metadata, status }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed' || status?.phase === 'Pending' || metadata.deletionTimestamp !== undefined;

/** Takes one disruption from the pod's budget. Gives back the name of a budget that the pod may go without. */
async function takeFromBudget({ tools, path, context }: SubresourceRequest, pod: Pod, dryRun: boolean): Promise<string | undefined> {
  const budgets = tools.registry.stored('policy', 'poddisruptionbudgets');
  const matching = budgets.cache
    .list(path.namespace)
    .map(({ object }) => object as unknown as PodDisruptionBudget)
    .filter(({ spec }) => spec?.selector && labelSelectorMatches(spec.selector, pod.metadata.labels ?? {}));
  if (matching.length === 0) return undefined;
  if (matching.length > 1)
    throw new StatusError({ code: 500, message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' });
  const name = matching[0]!.metadata.name ?? '';
  let passedOver = false;
  await budgets.update(
    path.namespace,
    name,
    async (current) => {
      const spent = spend(current as unknown as PodDisruptionBudget, pod, tools.clock.now()) as unknown as ApiObject;
      passedOver = spent === current;
      return spent;
    },
    {
      context,
      dryRun,
      part: 'status',
      check: async () => {},
      validate: () => [],
    },
  );
  return passedOver ? name : undefined;
}

const stillProcessed = (name: string): StatusError =>
  tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 10, [
    { reason: 'DisruptionBudget', message: `The disruption budget ${name} is still being processed by the server.` },
  ]);

/** The budget with one disruption less, or 429 where there is none left. */
function spend(budget: PodDisruptionBudget, pod: Pod, nowMs: number): PodDisruptionBudget {
  const { status, spec, metadata } = budget;
  const name = metadata.name ?? '';
  const unready = !isPodReady(pod);
  const healthy = (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0;
  if (unready && (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || healthy)) return budget;
  const refuse = (message: string): StatusError =>
    tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0, [{ reason: 'DisruptionBudget', message }]);
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw stillProcessed(name);
  if ((status?.disruptionsAllowed ?? 0) <= 0 && (status?.currentHealthy ?? 0) > (status?.desiredHealthy ?? 0))
    throw refuse(`The disruption budget ${name} does not allow evicting pods currently`);
  if ((status?.disruptionsAllowed ?? 0) <= 0)
    throw refuse(`The disruption budget ${name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`);
  const { resourceVersion: _, ...meta } = metadata;
  const left = (status?.disruptionsAllowed ?? 0) - 1;
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: status?.observedGeneration ?? 0,
    lastTransitionTime: toTime(nowMs),
    reason: 'InsufficientPods',
    message: '',
  };
  return {
    ...budget,
    metadata: meta,
    status: {
      ...status!,
      disruptionsAllowed: left,
      ...(left === 0 && { conditions: [...setCondition(status?.conditions, condition, nowMs)] }),
      disruptedPods: { ...status?.disruptedPods, [pod.metadata.name ?? '']: toTime(nowMs) },
    },
  };
}
