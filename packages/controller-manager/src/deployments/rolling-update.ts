// The arithmetic of rolling updates: how many pods may be missing or extra, and how replica sets share a deployment's replicas.
import { type Deployment, type ReplicaSet, scaledValue } from '@steersman/api';

export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

export const replicasOf = ({ spec }: { spec?: { replicas?: number } }): number => spec?.replicas ?? 1;

export const totalReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + replicasOf(set), 0);

export const totalActual = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { status }) => sum + (status?.replicas ?? 0), 0);

export const totalReady = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);

export const totalAvailable = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);

export const isRollingUpdate = ({ spec }: Deployment): boolean => spec?.strategy?.type !== 'Recreate';

/** Pods that may be missing and pods that may be extra during an update; never both none. */
export function fenceposts(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec?.strategy?.rollingUpdate ?? {};
  const total = replicasOf(deployment);
  const surge = scaledValue(maxSurge, total, true) ?? 0;
  const unavailable = scaledValue(maxUnavailable, total, false) ?? 0;
  return surge === 0 && unavailable === 0 ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: surge, maxUnavailable: unavailable };
}

export function maxUnavailableOf(deployment: Deployment): number {
  if (!isRollingUpdate(deployment) || replicasOf(deployment) === 0) return 0;
  return Math.min(fenceposts(deployment).maxUnavailable, replicasOf(deployment));
}

export const maxSurgeOf = (deployment: Deployment): number => (isRollingUpdate(deployment) ? fenceposts(deployment).maxSurge : 0);

/** Replicas of the new replica set in the next step. */
export function newReplicas(deployment: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet): number {
  const wanted = replicasOf(deployment);
  if (!isRollingUpdate(deployment)) return wanted;
  const current = totalReplicas(all);
  const limit = wanted + maxSurgeOf(deployment);
  if (current >= limit) return replicasOf(newSet);
  return replicasOf(newSet) + Math.min(limit - current, wanted - replicasOf(newSet));
}

/** How the old replica sets shrink: unhealthy pods first, then as many as availability allows; by name of the set. */
export function shrinkOld(
  deployment: Deployment,
  { old, newSet, all }: { old: readonly ReplicaSet[]; newSet: ReplicaSet; all: readonly ReplicaSet[] },
): Map<string, number> {
  const next = new Map<string, number>();
  const byAge = [...old].filter((set) => replicasOf(set) > 0).sort(byCreation);
  if (byAge.length === 0) return next;
  const minAvailable = replicasOf(deployment) - maxUnavailableOf(deployment);
  const newUnavailable = replicasOf(newSet) - (newSet.status?.availableReplicas ?? 0);
  const maxScaledDown = totalReplicas(all) - minAvailable - newUnavailable;
  if (maxScaledDown <= 0) return next;
  const sizeOf = (set: ReplicaSet): number => next.get(set.metadata.name ?? '') ?? replicasOf(set);

  let cleaned = 0;
  for (const set of byAge) {
    if (cleaned >= maxScaledDown) break;
    const unhealthy = replicasOf(set) - (set.status?.availableReplicas ?? 0);
    if (unhealthy <= 0) continue;
    const count = Math.min(maxScaledDown - cleaned, unhealthy);
    next.set(set.metadata.name ?? '', replicasOf(set) - count);
    cleaned += count;
  }
  let spare = totalAvailable(all) - minAvailable;
  for (const set of byAge) {
    if (spare <= 0) break;
    if (sizeOf(set) === 0) continue;
    const count = Math.min(sizeOf(set), spare);
    next.set(set.metadata.name ?? '', sizeOf(set) - count);
    spare -= count;
  }
  return next;
}

export const byCreation = (a: ReplicaSet, b: ReplicaSet): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') ||
  (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '');

/** How active replica sets share a changed total while an update is under way: in proportion to their sizes. */
export function proportions(deployment: Deployment, active: readonly ReplicaSet[]): Map<string, number> {
  const total = totalReplicas(active);
  const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + maxSurgeOf(deployment) : 0;
  const toAdd = allowed - total;
  const ordered = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)));
  const next = new Map<string, number>();
  let added = 0;
  for (const set of ordered) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, { toAdd, added });
    next.set(set.metadata.name ?? '', replicasOf(set) + share);
    added += share;
  }
  const [first] = ordered;
  if (first && added !== toAdd) next.set(first.metadata.name ?? '', Math.max(0, (next.get(first.metadata.name ?? '') ?? 0) + toAdd - added));
  return next;
}

function shareOf(deployment: Deployment, set: ReplicaSet, { toAdd, added }: { toAdd: number; added: number }): number {
  if (replicasOf(set) === 0) return 0;
  const allowed = toAdd - added;
  if (replicasOf(deployment) === 0) return -replicasOf(set);
  const limit = replicasOf(deployment) + maxSurgeOf(deployment);
  const before = Number(set.metadata.annotations?.[maxAnnotation] ?? deployment.status?.replicas ?? 0) || limit;
  const fraction = Math.round((replicasOf(set) * limit) / before) - replicasOf(set);
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}
