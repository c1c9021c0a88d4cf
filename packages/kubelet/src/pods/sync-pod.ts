// Brings one pod a step closer to what its spec asks for. Can be broken off and repeated at any point.
// Mirrors SyncPod of https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_manager.go

import { ContainerError, messageOf } from '../containers/container-error.js';
import { makeSandboxConfig } from '../containers/sandbox-config-maker.js';
import { failureShownMs } from '../images/image-manager.js';
import { killContainer, killPod } from './kill-pod.js';
import type { KubeletContext } from './kubelet-context.js';
import { type AnyContainer, isHostNetwork, type NodePod, nameOf, namespaceOf, uidOf } from './pod.js';
import { computePodActions, type PodActions } from './pod-actions.js';
import type { ReasonCache } from './reason-cache.js';
import { type RuntimePod, readRuntimePod } from './runtime-pod.js';
import { crashDelay, startContainer } from './start-container.js';

/** When to come back: after a failure, or when a back-off is over. Undefined: when something happens. */
export interface SyncOutcome {
  readonly retryAfterMs: number | undefined;
}

/** Failures that nothing but time may cure are tried again this often. */
const retryMs = 10_000;
/** The first look after a failed start makes its back-off visible. */
const soonMs = 1000;

export async function syncPod(
  context: KubeletContext,
  pod: NodePod,
  { runtimePod, reasons, signal }: { runtimePod: RuntimePod; reasons: ReasonCache; signal: AbortSignal },
): Promise<SyncOutcome> {
  const actions = computePodActions(pod, runtimePod, context.probes);
  if (actions.killPod) {
    await killPod(context, pod, runtimePod, {});
    if (actions.createSandbox !== undefined) await removeInitContainers(context, pod, runtimePod);
  } else {
    await Promise.all(actions.toKill.map((kill) => killOne(context, pod, { kill, runtimePod })));
  }
  const sandboxId = actions.createSandbox === undefined ? actions.sandboxId : await createSandbox(context, pod, actions.createSandbox);
  if (sandboxId === undefined || signal.aborted) return { retryAfterMs: undefined };
  if (actions.killPod && actions.createSandbox === undefined) return { retryAfterMs: undefined };
  return startAll(context, pod, { actions, sandboxId, reasons, signal });
}

async function killOne(
  context: KubeletContext,
  pod: NodePod,
  { kill, runtimePod }: { kill: PodActions['toKill'][number]; runtimePod: RuntimePod },
): Promise<void> {
  const status = runtimePod.containers.find(({ id }) => id === kill.containerId);
  if (!status) return;
  const { reason } = kill;
  await killContainer(context, pod, status, { message: kill.message, ...((reason === 'livenessProbe' || reason === 'startupProbe') && { reason }) });
}

/** A new sandbox runs its init containers anew. */
async function removeInitContainers(context: KubeletContext, pod: NodePod, runtimePod: RuntimePod): Promise<void> {
  const names = new Set((pod.spec.initContainers ?? []).map(({ name }) => name));
  for (const status of runtimePod.containers)
    if (names.has(status.name) && status.state !== 'running') await context.runtime.removeContainer(status.id);
}

async function createSandbox(context: KubeletContext, pod: NodePod, attempt: number): Promise<string> {
  try {
    const config = await makeSandboxConfig(context, pod, attempt);
    return await context.runtime.runPodSandbox(config);
  } catch (error) {
    context.recorder.warning(pod, 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${messageOf(error)}`);
    throw error;
  }
}

interface StartAll {
  readonly actions: PodActions;
  readonly sandboxId: string;
  readonly reasons: ReasonCache;
  readonly signal: AbortSignal;
}

async function startAll(context: KubeletContext, pod: NodePod, { actions, sandboxId, reasons, signal }: StartAll): Promise<SyncOutcome> {
  const wanted: AnyContainer[] = [...actions.ephemeralToStart, ...actions.initToStart, ...actions.toStart];
  if (wanted.length === 0) return { retryAfterMs: undefined };
  const runtimePod = await readRuntimePod(context.runtime, uidOf(pod));
  const current = runtimePod.sandboxes.find(({ id }) => id === sandboxId);
  const sandbox = await makeSandboxConfig(context, pod, current?.attempt ?? 0);
  const podIps = isHostNetwork(pod) ? context.node.addresses.slice(0, 1) : (current?.ips ?? []);
  let retryAfterMs: number | undefined;
  const later = (ms: number): void => {
    retryAfterMs = Math.min(retryAfterMs ?? Number.POSITIVE_INFINITY, ms);
  };
  for (const container of wanted) {
    if (signal.aborted) break;
    try {
      await startContainer(context, { pod, container, runtimePod, sandboxId, sandbox, podIps });
      reasons.set(uidOf(pod), container.name, undefined);
    } catch (error) {
      const failure = error instanceof ContainerError ? error : new ContainerError('CreateContainerError', messageOf(error));
      const before = reasons.get(uidOf(pod), container.name);
      reasons.set(uidOf(pod), container.name, { reason: failure.reason, message: failure.message });
      later(delayAfter(context, pod, { failure, container, runtimePod, isNew: before?.reason !== failure.reason }));
      context.logger.debug('container not started', {
        pod: nameOf(pod),
        namespace: namespaceOf(pod),
        container: container.name,
        reason: failure.reason,
        err: failure,
      });
      // Init containers start one after the other: what comes after a failed one has to wait.
      if (actions.initToStart.includes(container as never)) break;
    }
  }
  return { retryAfterMs };
}

interface Failed {
  readonly failure: ContainerError;
  readonly container: AnyContainer;
  readonly runtimePod: RuntimePod;
  readonly isNew: boolean;
}

function delayAfter(context: KubeletContext, pod: NodePod, { failure, container, runtimePod, isNew }: Failed): number {
  switch (failure.reason) {
    case 'CrashLoopBackOff':
      return crashDelay(context, pod, container, runtimePod) + 10;
    case 'ImagePullBackOff':
      return context.images.remaining(pod, container) + 10;
    case 'ErrImagePull':
      return failureShownMs + 50;
    case 'RunContainerError':
    case 'PostStartHookError':
      return soonMs;
    default:
      return isNew ? soonMs : retryMs;
  }
}
