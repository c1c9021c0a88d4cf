// Starts one container: back-off, image, configuration, create, start, postStart hook. Each way to fail has its reason.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_container.go
import { makeContainerConfig } from '../containers/container-config-maker.js';
import { ContainerError, messageOf } from '../containers/container-error.js';
import { findHandler, runHook } from '../containers/hooks.js';
import { terminationLogAnnotation } from '../runtime/labels.js';
import type { PodSandboxConfig } from '../runtime/sandbox-config.js';
import { killContainer } from './kill-pod.js';
import type { KubeletContext } from './kubelet-context.js';
import { type AnyContainer, fieldPathOf, formatPod, type NodePod, nameOf, namespaceOf, uidOf } from './pod.js';
import { latest, type RuntimePod } from './runtime-pod.js';

export interface StartRequest {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly runtimePod: RuntimePod;
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly podIps: readonly string[];
}

/** Containers of the pod count their crashes together only where they are the same in name and image. */
const crashKey = (pod: NodePod, container: AnyContainer): string => `${uidOf(pod)}_${container.name}_${container.image}`;

/** How long until the container may be started again. */
export function crashDelay(context: KubeletContext, pod: NodePod, container: AnyContainer, runtimePod: RuntimePod): number {
  const last = latest(runtimePod, container.name);
  return last?.state === 'exited' ? context.crashes.remaining(crashKey(pod, container), last.finishedAt) : 0;
}

function checkBackOff(context: KubeletContext, { pod, container, runtimePod }: StartRequest): void {
  const last = latest(runtimePod, container.name);
  if (last?.state !== 'exited') return;
  const key = crashKey(pod, container);
  if (context.crashes.remaining(key, last.finishedAt) > 0) {
    context.recorder.warning(pod, 'BackOff', `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`, {
      fieldPath: fieldPathOf(pod, container),
    });
    const wait = formatDuration(context.crashes.delayOf(key));
    throw new ContainerError('CrashLoopBackOff', `back-off ${wait} restarting failed container=${container.name} pod=${formatPod(pod)}`);
  }
  context.crashes.step(key, last.finishedAt);
}

/** A duration as Go writes it. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
};

export async function startContainer(context: KubeletContext, request: StartRequest): Promise<string> {
  const { pod, container, runtimePod } = request;
  checkBackOff(context, request);
  try {
    return await imageCreateStart(context, request, attemptOf(container, runtimePod));
  } catch (error) {
    const failure = error instanceof ContainerError ? error : new ContainerError('CreateContainerError', messageOf(error), { cause: error });
    // Hooks have told of their failure themselves.
    if (failure.reason !== 'PostStartHookError' && !failure.repeated) {
      const words = failure.reason.includes('Image') ? failure.reason : failure.message;
      context.recorder.warning(pod, 'Failed', `Error: ${words}`, { fieldPath: fieldPathOf(pod, container) });
    }
    throw failure;
  }
}

const attemptOf = (container: AnyContainer, runtimePod: RuntimePod): number => {
  const last = latest(runtimePod, container.name);
  return last ? last.attempt + 1 : 0;
};

async function imageCreateStart(context: KubeletContext, request: StartRequest, attempt: number): Promise<string> {
  const { pod, container, sandboxId, sandbox } = request;
  const { images, recorder, runtime } = context;
  const about = { fieldPath: fieldPathOf(pod, container) };
  const image = await images.ensure(pod, container);
  const config = await makeContainerConfig(context, { ...request, attempt, image });
  const containerId = await runtime.createContainer(sandboxId, config, sandbox).catch((error: unknown) => {
    throw new ContainerError('CreateContainerError', messageOf(error), { cause: error });
  });
  recorder.normal(pod, 'Created', 'Container created', about);
  try {
    await runtime.startContainer(containerId);
  } catch (error) {
    throw new ContainerError('RunContainerError', messageOf(error), { cause: error });
  }
  recorder.normal(pod, 'Started', 'Container started', about);
  await postStart(context, request, containerId);
  context.logger.debug('container started', {
    pod: nameOf(pod),
    namespace: namespaceOf(pod),
    container: container.name,
    attempt,
    words: config.annotations[terminationLogAnnotation],
  });
  return containerId;
}

async function postStart(context: KubeletContext, { pod, container }: StartRequest, containerId: string): Promise<void> {
  if (!container.lifecycle?.postStart) return;
  const never = new AbortController();
  try {
    await runHook(context, { pod, container, containerId, handler: findHandler(container, 'postStart'), timeoutMs: 0, signal: never.signal });
  } catch (error) {
    context.recorder.warning(pod, 'FailedPostStartHook', 'PostStartHook failed', { fieldPath: fieldPathOf(pod, container) });
    const status = await context.runtime.containerStatus(containerId);
    if (status?.state === 'running') await killContainer(context, pod, status, { message: 'FailedPostStartHook' });
    throw new ContainerError('PostStartHookError', `PostStartHook failed: ${messageOf(error)}`, { cause: error });
  }
}
