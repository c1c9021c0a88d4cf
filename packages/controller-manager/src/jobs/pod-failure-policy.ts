// The pod failure policy of a job: what the first rule that matches a failed pod says.
import type { Job, Pod } from '@steersman/api';

export interface FailureVerdict {
  readonly action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count';
  /** Why, where the whole job fails. */
  readonly message?: string;
}

/** What becomes of a job because of this failed pod; without a matching rule the failure counts. */
export function verdictOn(job: Job, pod: Pod): FailureVerdict {
  const rules = job.spec?.podFailurePolicy?.rules ?? [];
  for (const [position, rule] of rules.entries()) {
    const action = rule.action as FailureVerdict['action'];
    const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
    if (rule.onExitCodes) {
      const { containerName, operator, values = [] } = rule.onExitCodes;
      const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
      for (const { name: container, state } of statuses) {
        const code = state?.terminated?.exitCode;
        if (!code || (containerName && container !== containerName)) continue;
        if (values.includes(code) === (operator === 'In'))
          return {
            action,
            message: `Container ${container} for pod ${name} failed with exit code ${code} matching ${action} rule at index ${position}`,
          };
      }
    }
    for (const { type, status = 'True' } of rule.onPodConditions ?? [])
      if (pod.status?.conditions?.some((condition) => condition.type === type && condition.status === status))
        return { action, message: `Pod ${name} has condition ${type} matching ${action} rule at index ${position}` };
  }
  return { action: 'Count' };
}
