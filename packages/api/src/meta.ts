// What every object has: owners, deletion, conditions; and the few questions that everyone asks about a pod.
// Parameters are structural, so that generated kinds, drafts and unstructured objects fit alike.
import { fromTime, toTime } from './clock.js';

export interface OwnerReferenceLike {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface Identified {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?:
    | {
        readonly name?: string | undefined;
        readonly namespace?: string | undefined;
        readonly uid?: string | undefined;
        readonly deletionTimestamp?: string | undefined;
        readonly ownerReferences?: readonly OwnerReferenceLike[] | undefined;
      }
    | undefined;
}

export interface ConditionLike {
  type: string;
  status: string;
  reason?: string | undefined;
  message?: string | undefined;
  lastTransitionTime?: string | undefined;
  observedGeneration?: number | undefined;
}

/** The reference of the one owner that controls an object. */
export const controllerOf = (object: Identified): OwnerReferenceLike | undefined =>
  object.metadata?.ownerReferences?.find((reference) => reference.controller === true);

/** The reference that makes `owner` the controller of an object. */
export const controllerReference = (owner: Identified): OwnerReferenceLike => ({
  apiVersion: owner.apiVersion ?? '',
  kind: owner.kind ?? '',
  name: owner.metadata?.name ?? '',
  uid: owner.metadata?.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

export const isControlledBy = (object: Identified, owner: Identified): boolean => {
  const uid = controllerOf(object)?.uid;
  return uid !== undefined && uid === owner.metadata?.uid;
};

export const isDeleting = (object: Identified): boolean => Boolean(object.metadata?.deletionTimestamp);

/** `namespace/name`, or the name alone. */
export const keyOf = ({ metadata }: Identified): string =>
  metadata?.namespace ? `${metadata.namespace}/${metadata.name ?? ''}` : (metadata?.name ?? '');

export const conditionOf = <C extends { readonly type: string }>(conditions: readonly C[] | undefined | null, type: string): C | undefined =>
  conditions?.find((condition) => condition.type === type);

export const isConditionTrue = (conditions: readonly { readonly type: string; readonly status: string }[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';

/**
 * The conditions with one set. Its lastTransitionTime is kept while the status stays, else it is `now` (or what the condition says).
 * Returns the very same list where nothing changes.
 */
export function setCondition<C extends ConditionLike>(conditions: readonly C[] | undefined, condition: C, nowMs: number): readonly C[] {
  const list = conditions ?? [];
  const known = conditionOf(list, condition.type);
  const moved = known?.status !== condition.status || !known.lastTransitionTime;
  const wanted: C = {
    ...known,
    ...condition,
    lastTransitionTime: moved ? (condition.lastTransitionTime ?? toTime(nowMs)) : known.lastTransitionTime,
  };
  if (!known) return [...list, wanted];
  const same = Object.keys(wanted).every((key) => known[key as keyof C] === wanted[key as keyof C]);
  return same ? list : list.map((each) => (each === known ? wanted : each));
}

/** A pod as far as the questions below need it. */
export interface PodLike extends Identified {
  readonly status?:
    | {
        readonly phase?: string | undefined;
        readonly conditions?:
          | readonly { readonly type: string; readonly status: string; readonly lastTransitionTime?: string | undefined }[]
          | undefined;
      }
    | undefined;
}

export const isPodReady = (pod: PodLike): boolean => isConditionTrue(pod.status?.conditions, 'Ready');

/** All its containers have ended for good. */
export const isPodTerminal = (pod: PodLike): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Neither ended nor about to be. */
export const isPodActive = (pod: PodLike): boolean => !isPodTerminal(pod) && !isDeleting(pod);

/** Ready, and has been for at least `minReadySeconds`. */
export function isPodAvailable(pod: PodLike, minReadySeconds: number, nowMs: number): boolean {
  if (!isPodReady(pod)) return false;
  if (minReadySeconds <= 0) return true;
  const since = fromTime(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime);
  return since + minReadySeconds * 1000 <= nowMs;
}
