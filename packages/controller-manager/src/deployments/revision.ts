// Revisions: annotations that number the replica sets of a deployment, and what of a deployment's annotations its sets carry.
import type { Deployment, ReplicaSet } from '@steersman/api';
import { desiredAnnotation, maxAnnotation } from './rolling-update.js';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';

const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
]);

export const revisionOf = ({ metadata }: { metadata: { annotations?: { [key: string]: string } } }): number =>
  Number(metadata.annotations?.[revisionAnnotation] ?? 0) || 0;

export const maxRevision = (sets: readonly ReplicaSet[]): number => Math.max(0, ...sets.map(revisionOf));

/** The annotations of a deployment's new replica set at a revision. */
export function annotationsFor(
  deployment: Deployment,
  set: { metadata: { annotations?: { [key: string]: string } } },
  revision: number,
): { [key: string]: string } {
  const existing = set.metadata.annotations ?? {};
  const copied = Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key)));
  const before = existing[revisionAnnotation];
  const result = { ...existing, ...copied };
  if ((Number(before ?? 0) || 0) < revision) {
    result[revisionAnnotation] = String(revision);
    if (before !== undefined && before !== String(revision))
      result[historyAnnotation] = existing[historyAnnotation] ? `${existing[historyAnnotation]},${before}` : before;
  }
  return result;
}
