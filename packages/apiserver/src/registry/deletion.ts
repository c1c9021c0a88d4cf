// Deletion: preconditions, grace periods, finalizers and propagation, as upstream decides them.
// Mirrors https://kubernetes.io/docs/concepts/architecture/garbage-collection/
import { invalidObject, notFound, toTime } from '@steersman/api';
import type { DeleteOptions } from '@steersman/client';
import type { ApiObject, CachedObject } from '../cache/cached-object.js';
import type { Resource } from './resource.js';
import { preconditionFailed } from './write-errors.js';

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

export interface DeleteRequest {
  readonly options: DeleteOptions & { readonly orphanDependents?: boolean };
  readonly dryRun: boolean;
  readonly check: (object: ApiObject) => Promise<void>;
}

/** What a deletion came to: the object is gone, or it waits for its grace period or finalizers. */
export interface DeleteOutcome {
  readonly gone: boolean;
  readonly object: CachedObject;
}

const maxAttempts = 20;

/** Deletes one object, or marks it for deletion. */
export async function deleteObject(resource: Resource, namespace: string | undefined, name: string, request: DeleteRequest): Promise<DeleteOutcome> {
  let current: CachedObject | undefined = await resource.get(namespace, name);
  for (let attempt = 0; current; attempt++) {
    try {
      return await attemptDeletion(resource, current, request);
    } catch (error) {
      const latest: CachedObject | undefined = await resource.fresh(current);
      if (!latest || attempt >= maxAttempts || latest.revision === current.revision) throw error;
      current = latest;
    }
  }
  throw notFound(resource.groupResource, name);
}

async function attemptDeletion(resource: Resource, current: CachedObject, request: DeleteRequest): Promise<DeleteOutcome> {
  const { strategy } = resource.definition;
  const { object } = current;
  checkPreconditions(resource, current, request.options);
  strategy.checkDelete?.(object);
  await request.check((await resource.shown(current)).object);
  const own = object.metadata.deletionTimestamp === undefined ? strategy.markDeletion?.(object, resource.clock.now()) : undefined;
  if (own) return { gone: false, object: request.dryRun ? current : await resource.replace(current, own) };
  const marked = markForDeletion(resource, object, request.options);
  if (marked === 'now') {
    const last = lastForm(resource, object);
    // A grace period that is cut short ends before the object does.
    const cut = (object.metadata.deletionGracePeriodSeconds ?? 0) > 0 && !request.dryRun;
    const removed = await resource.remove(cut ? await resource.replace(current, last) : current, last, request.dryRun);
    return { gone: true, object: removed };
  }
  if (marked === object) return { gone: false, object: current };
  if (request.dryRun) return { gone: false, object: current };
  return { gone: false, object: await resource.replace(current, marked) };
}

function checkPreconditions(resource: Resource, current: CachedObject, { preconditions }: DeleteOptions): void {
  const { metadata } = current.object;
  const { kind } = resource.definition.info;
  const name = metadata.name ?? '';
  if (preconditions?.uid && preconditions.uid !== metadata.uid)
    throw preconditionFailed(
      resource.groupResource,
      kind,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (preconditions?.resourceVersion && preconditions.resourceVersion !== String(current.revision))
    throw preconditionFailed(
      resource.groupResource,
      kind,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${current.revision}). The object might have been modified`,
    );
}

/** The object with its mark of deletion, the same object where nothing changes, or `now` where nothing holds it. */
function markForDeletion(resource: Resource, object: ApiObject, options: DeleteRequest['options']): ApiObject | 'now' {
  const { strategy } = resource.definition;
  const { metadata } = object;
  const plan = strategy.planDeletion?.(object, options.gracePeriodSeconds) ?? { now: true as const };
  const finalizers = finalizersFor(resource, object, options);
  const graceSeconds = plan.now ? 0 : plan.gracePeriodSeconds;
  const already = metadata.deletionTimestamp !== undefined;
  const holds = resource.definition.info.resource === 'namespaces' && resource.definition.info.group === '' && specFinalizers(object) > 0;
  if (graceSeconds === 0 && finalizers.length === 0 && !holds) return 'now';
  if (already) return extendMark(resource, object, { finalizers, graceSeconds });
  const nowMs = resource.clock.now();
  const generation = metadata.generation === undefined ? {} : { generation: metadata.generation + 1 };
  const marked: ApiObject = {
    ...object,
    metadata: {
      ...metadata,
      ...generation,
      deletionTimestamp: toTime(nowMs + graceSeconds * 1000),
      ...(!holdsItself(resource) && { deletionGracePeriodSeconds: graceSeconds }),
      ...(finalizers.length && { finalizers }),
    },
    ...(holdsItself(resource) && { status: { ...(object['status'] as object | undefined), phase: 'Terminating' } }),
  };
  if (!finalizers.length) delete marked.metadata.finalizers;
  return marked;
}

/** What the answer shows of an object that goes at once: kinds with a grace period show that it was none. */
function lastForm({ definition, clock }: Resource, object: ApiObject): ApiObject {
  if (!definition.strategy.planDeletion) return object;
  const { metadata } = object;
  const first = metadata.deletionTimestamp === undefined;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(first && metadata.generation !== undefined && { generation: metadata.generation + 1 }),
      deletionTimestamp: first ? toTime(clock.now()) : metadata.deletionTimestamp!,
      deletionGracePeriodSeconds: 0,
    },
  };
}

/** Namespaces end by their own rules and have no grace period. */
const holdsItself = ({ definition: { info } }: Resource): boolean => info.group === '' && info.resource === 'namespaces';

const specFinalizers = (object: ApiObject): number => ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length;

/** A second deletion may shorten the grace period and add to the finalizers; it never lengthens. */
function extendMark(resource: Resource, object: ApiObject, { finalizers, graceSeconds }: { finalizers: string[]; graceSeconds: number }): ApiObject {
  const { metadata } = object;
  const before = metadata.deletionGracePeriodSeconds ?? 0;
  const shorter = graceSeconds < before;
  const sameFinalizers = finalizers.length === (metadata.finalizers?.length ?? 0) && finalizers.every((one) => metadata.finalizers?.includes(one));
  if (!shorter && sameFinalizers) return object;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(shorter && { deletionGracePeriodSeconds: graceSeconds, deletionTimestamp: toTime(resource.clock.now() + graceSeconds * 1000) }),
      ...(finalizers.length && { finalizers }),
    },
  };
}

/** The finalizers after this deletion: propagation adds or removes those of the garbage collector. */
function finalizersFor(resource: Resource, object: ApiObject, options: DeleteRequest['options']): string[] {
  const { propagationPolicy, orphanDependents } = options;
  const existing = object.metadata.finalizers ?? [];
  const others = existing.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer);
  const policy = propagationPolicy ?? (orphanDependents === undefined ? undefined : orphanDependents ? 'Orphan' : 'Background');
  if (policy === 'Orphan') return [...others, orphanFinalizer];
  if (policy === 'Foreground') return [...others, foregroundFinalizer];
  if (policy === 'Background') return others;
  if (existing.length !== others.length) return [...existing];
  return resource.definition.strategy.defaultPropagation === 'Orphan' ? [...others, orphanFinalizer] : others;
}

/** Refuses delete options that contradict themselves. */
export function checkDeleteOptions(options: DeleteRequest['options']): void {
  const errors = [];
  if (options.propagationPolicy !== undefined && options.orphanDependents !== undefined)
    errors.push({
      field: 'propagationPolicy',
      reason: 'FieldValueInvalid' as const,
      message: `Invalid value: "${options.propagationPolicy}": orphanDependents and deletionPropagation cannot be both set`,
    });
  else if (options.propagationPolicy !== undefined && !['Orphan', 'Background', 'Foreground'].includes(options.propagationPolicy))
    errors.push({
      field: 'propagationPolicy',
      reason: 'FieldValueNotSupported' as const,
      message: `Unsupported value: "${options.propagationPolicy as string}": supported values: "Foreground", "Background", "Orphan", "nil"`,
    });
  if (errors.length) throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
}
