// Whether a container that is not running is to be started (again).
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
import { isSidecar } from '@steersman/api';
import type { ContainerStatus } from '../runtime/container-runtime.js';
import type { AnyContainer, NodePod } from './pod.js';
import { latest, type RuntimePod } from './runtime-pod.js';

const matches = (container: AnyContainer, exitCode: number): boolean =>
  (container.restartPolicyRules ?? []).some(({ action, exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false;
    return action === 'Restart' && (exitCodes?.operator === 'NotIn' ? !listed : listed);
  });

/** The policy that applies to a container: its own, else its pod's. Sidecars always restart. */
export const policyOf = (pod: NodePod, container: AnyContainer): string => container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';

/** Whether one that ended with this code starts again. */
export function restartsAfter(pod: NodePod, container: AnyContainer, exitCode: number): boolean {
  if (matches(container, exitCode)) return true;
  const policy = policyOf(pod, container);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** An init container starts again after a failure unless nothing in the pod ever does. */
export const initRestarts = (pod: NodePod, container: AnyContainer, exitCode: number): boolean =>
  isSidecar(container) || matches(container, exitCode) || policyOf(pod, container) !== 'Never';

export function shouldStart(pod: NodePod, container: AnyContainer, runtimePod: RuntimePod): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  const status: ContainerStatus | undefined = latest(runtimePod, container.name);
  if (!status || status.state === 'unknown' || status.state === 'created') return true;
  if (status.state === 'running') return false;
  return restartsAfter(pod, container, status.exitCode);
}
