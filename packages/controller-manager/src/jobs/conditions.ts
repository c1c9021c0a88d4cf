// The conditions of a job, with the times and the order that upstream gives them.
import { type Job, type JobCondition, toTime } from '@steersman/api';

export const hasCondition = ({ status }: Job, wanted: string): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === wanted && value === 'True') ?? false;

export const isFinished = (job: Job): boolean => hasCondition(job, 'Complete') || hasCondition(job, 'Failed');

/** The list with this condition; unchanged where it already says so. */
export function withCondition(
  conditions: readonly JobCondition[],
  entry: { type: string; status: string; reason: string; message: string },
  nowMs: number,
): JobCondition[] {
  const current = conditions.find(({ type }) => type === entry.type);
  if (current?.status === entry.status && current.reason === entry.reason) return [...conditions];
  const now = toTime(nowMs);
  const next = { ...entry, lastProbeTime: now, lastTransitionTime: now };
  return current ? conditions.map((condition) => (condition === current ? next : condition)) : [...conditions, next];
}
