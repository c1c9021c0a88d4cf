// The conditions of a deployment, Progressing and Available, and whether it has stopped making progress.
import { conditionOf, type Deployment, type DeploymentCondition, type DeploymentStatus, fromTime, type ReplicaSet, toTime } from '@steersman/api';
import { maxUnavailableOf, replicasOf } from './rolling-update.js';

export const noProgressDeadline = 2147483647;

export const hasDeadline = ({ spec }: Deployment): boolean =>
  spec?.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noProgressDeadline;

/** The list with this condition; its times change as upstream changes them. */
export function withCondition(
  conditions: readonly DeploymentCondition[],
  condition: { type: string; status: string; reason: string; message: string },
  nowMs: number,
): DeploymentCondition[] {
  const current = conditionOf(conditions, condition.type);
  if (current && current.status === condition.status && current.reason === condition.reason) return [...conditions];
  const now = toTime(nowMs);
  const lastTransitionTime = current?.status === condition.status ? (current.lastTransitionTime ?? now) : now;
  return [...conditions.filter(({ type }) => type !== condition.type), { ...condition, lastUpdateTime: now, lastTransitionTime }];
}

export function availability(deployment: Deployment, availableReplicas: number): { type: string; status: string; reason: string; message: string } {
  return availableReplicas >= replicasOf(deployment) - maxUnavailableOf(deployment)
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' };
}

export const isComplete = (
  deployment: Deployment,
  { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 }: DeploymentStatus,
): boolean =>
  updatedReplicas === replicasOf(deployment) &&
  replicas === replicasOf(deployment) &&
  availableReplicas === replicasOf(deployment) &&
  observedGeneration >= (deployment.metadata.generation ?? 0);

/** Whether the new status is further than the one the deployment has. */
export function isProgressing({ status: before }: Deployment, after: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined): number => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  return (
    (after.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    (after.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

export function isTimedOut(deployment: Deployment, status: DeploymentStatus, nowMs: number): boolean {
  if (!hasDeadline(deployment)) return false;
  const condition = conditionOf(deployment.status?.conditions, 'Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  void status;
  return fromTime(condition.lastUpdateTime) + (deployment.spec?.progressDeadlineSeconds ?? 0) * 1000 < nowMs;
}

const named = (set: ReplicaSet | undefined, deployment: Deployment): string =>
  set ? `ReplicaSet "${set.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;

/** The Progressing condition that follows from a status, added to the conditions. */
export function progress(
  deployment: Deployment,
  {
    status,
    newSet,
    conditions,
    nowMs,
  }: { status: DeploymentStatus; newSet: ReplicaSet | undefined; conditions: readonly DeploymentCondition[]; nowMs: number },
): DeploymentCondition[] {
  const current = conditionOf(deployment.status?.conditions, 'Progressing');
  const wasComplete = status.replicas === status.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (!hasDeadline(deployment) || wasComplete) return [...conditions];
  const set = (entry: { status: string; reason: string; message: string }): DeploymentCondition[] =>
    withCondition(conditions, { type: 'Progressing', ...entry }, nowMs);
  if (isComplete(deployment, status))
    return set({ status: 'True', reason: 'NewReplicaSetAvailable', message: `${named(newSet, deployment)} has successfully progressed.` });
  if (isProgressing(deployment, status)) {
    const entry = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${named(newSet, deployment)} is progressing.` };
    const kept = conditions.filter(({ type }) => type !== 'Progressing');
    const now = toTime(nowMs);
    return [...kept, { ...entry, lastUpdateTime: now, lastTransitionTime: current?.status === 'True' ? (current.lastTransitionTime ?? now) : now }];
  }
  if (isTimedOut(deployment, status, nowMs))
    return set({ status: 'False', reason: 'ProgressDeadlineExceeded', message: `${named(newSet, deployment)} has timed out progressing.` });
  return [...conditions];
}
