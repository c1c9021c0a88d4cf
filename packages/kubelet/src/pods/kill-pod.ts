// Ends containers: the preStop hook, then the stop signal, then the kill, all within the grace period; sidecars last.
// Mirrors https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
import { isSidecar } from '@steersman/api';
import { findHandler, runHook } from '../containers/hooks.js';
import type { ContainerStatus } from '../runtime/container-runtime.js';
import { podGracePeriodAnnotation } from '../runtime/labels.js';
import type { KubeletContext } from './kubelet-context.js';
import { type AnyContainer, fieldPathOf, findContainer, gracePeriodOf, isHostNetwork, type NodePod } from './pod.js';
import { latest, type RuntimePod, running } from './runtime-pod.js';

/** The least a container gets after its preStop hook has used up the grace period. */
const minimumGraceSeconds = 2;

export interface KillOptions {
  /** Says in the event why; `Stopping container x` without. */
  readonly message?: string;
  /** Overrides the pod's own. */
  readonly graceSeconds?: number;
  /** A probe may have a grace period of its own. */
  readonly reason?: 'startupProbe' | 'livenessProbe';
  /** Aborts when the grace period has been shortened: the caller starts over with the new one. */
  readonly hurry?: AbortSignal;
}

function graceOf(pod: NodePod, container: AnyContainer | undefined, { graceSeconds, reason }: KillOptions, status: ContainerStatus): number {
  if (graceSeconds !== undefined) return graceSeconds;
  if (pod.metadata.deletionGracePeriodSeconds !== undefined) return pod.metadata.deletionGracePeriodSeconds;
  const own =
    reason === 'startupProbe'
      ? container?.startupProbe?.terminationGracePeriodSeconds
      : reason === 'livenessProbe'
        ? container?.livenessProbe?.terminationGracePeriodSeconds
        : undefined;
  return own ?? pod.spec.terminationGracePeriodSeconds ?? Number(status.annotations[podGracePeriodAnnotation] ?? 30);
}

export async function killContainer(context: KubeletContext, pod: NodePod, status: ContainerStatus, options: KillOptions): Promise<void> {
  const { clock, recorder, runtime } = context;
  const container = findContainer(pod, status.name)?.container;
  const about = container ? { fieldPath: fieldPathOf(pod, container) } : {};
  let grace = graceOf(pod, container, options, status);
  recorder.normal(pod, 'Killing', options.message ?? `Stopping container ${status.name}`, about);
  const preStop = container?.lifecycle?.preStop;
  if (preStop && grace > 0) {
    const began = clock.monotonic();
    await runPreStop(context, { pod, container, status, graceSeconds: grace, hurry: options.hurry });
    grace = Math.max(minimumGraceSeconds, Math.ceil(grace - (clock.monotonic() - began) / 1000));
  }
  await runtime.stopContainer(status.id, grace, options.hurry);
}

interface PreStop {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly status: ContainerStatus;
  readonly graceSeconds: number;
  readonly hurry: AbortSignal | undefined;
}

async function runPreStop(context: KubeletContext, { pod, container, status, graceSeconds, hurry }: PreStop): Promise<void> {
  const { clock, recorder, logger } = context;
  const over = new AbortController();
  const stop = (): void => over.abort();
  const timer = clock.after(graceSeconds * 1000, stop);
  hurry?.addEventListener('abort', stop, { once: true });
  // The hook sees its end as well when the container ends first.
  try {
    await runHook(context, {
      pod,
      container,
      containerId: status.id,
      handler: findHandler(container, 'preStop'),
      timeoutMs: graceSeconds * 1000,
      signal: over.signal,
    });
  } catch (err) {
    logger.debug('preStop hook failed', { pod: pod.metadata.name, namespace: pod.metadata.namespace, container: container.name, err });
    recorder.warning(pod, 'FailedPreStopHook', 'PreStopHook failed', { fieldPath: fieldPathOf(pod, container) });
  } finally {
    timer.cancel();
    hurry?.removeEventListener('abort', stop);
  }
}

/** Ends the containers of a pod: sidecars after the others, in the opposite order of their start. */
export async function killContainers(context: KubeletContext, pod: NodePod, runtimePod: RuntimePod, options: KillOptions): Promise<void> {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name);
  const all = running(runtimePod);
  const others = all.filter(({ name }) => !sidecars.includes(name));
  const began = context.clock.monotonic();
  await Promise.all(others.map((status) => killContainer(context, pod, status, options)));
  for (const name of sidecars.reverse()) {
    const status = latest(runtimePod, name);
    if (status?.state !== 'running') continue;
    const used = Math.floor((context.clock.monotonic() - began) / 1000);
    const graceSeconds = Math.max(0, (options.graceSeconds ?? gracePeriodOf(pod)) - used);
    await killContainer(context, pod, status, { ...options, graceSeconds });
  }
}

/** Stops the pod's sandboxes and takes them off the network. */
export async function stopSandboxes(context: KubeletContext, pod: NodePod, runtimePod: RuntimePod): Promise<void> {
  for (const sandbox of runtimePod.sandboxes) {
    if (sandbox.state !== 'ready') continue;
    if (context.network && !isHostNetwork(pod)) await context.network.detach({ sandboxId: sandbox.id });
    await context.runtime.stopPodSandbox(sandbox.id);
  }
}

export async function killPod(context: KubeletContext, pod: NodePod, runtimePod: RuntimePod, options: KillOptions = {}): Promise<void> {
  await killContainers(context, pod, runtimePod, options);
  if (options.hurry?.aborted) return;
  await stopSandboxes(context, pod, runtimePod);
}
