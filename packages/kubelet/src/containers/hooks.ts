// Lifecycle hooks: a command in the container, an HTTP request to it, or a pause.
// Mirrors https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
import type { LifecycleHandler } from '@steersman/api';
import type { KubeletContext } from '../pods/kubelet-context.js';
import type { AnyContainer, NodePod } from '../pods/pod.js';
import { addressesOf, readRuntimePod } from '../pods/runtime-pod.js';
import { httpRequest } from '../probes/http-probe.js';
import { resolvePort } from '../probes/probe-port.js';

export interface HookRun {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly containerId: string;
  readonly handler: LifecycleHandler;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export const findHandler = (container: AnyContainer, which: 'postStart' | 'preStop'): LifecycleHandler => container.lifecycle?.[which] ?? {};

/** Runs a hook; throws where it fails or the signal aborts first. */
export async function runHook(context: KubeletContext, run: HookRun): Promise<void> {
  const { handler, signal } = run;
  if (signal.aborted) throw new Error('the hook had no time left');
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('the hook took longer than its grace period')), { once: true }),
  );
  stopped.catch(() => {});
  await Promise.race([runHandler(context, run, handler), stopped]);
}

async function runHandler(
  context: KubeletContext,
  { pod, container, containerId, timeoutMs, signal }: HookRun,
  handler: LifecycleHandler,
): Promise<void> {
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const { exitCode, stdout, stderr } = await context.runtime.execSync(containerId, command, timeoutMs);
    if (exitCode !== 0) throw new Error(`command '${command.join(' ')}' exited with ${exitCode}: ${stderr || stdout}`);
  } else if (handler.httpGet) {
    const { httpGet } = handler;
    const host =
      httpGet.host ||
      (pod.spec.hostNetwork ? context.node.addresses[0] : addressesOf(await readRuntimePod(context.runtime, pod.metadata.uid ?? ''))[0]);
    if (!host) throw new Error('failed to find networking container');
    await httpRequest({ ...httpGet, host, port: resolvePort(httpGet.port, container), timeoutMs, userAgent: 'kube-lifecycle/1.35' });
  } else if (handler.sleep) {
    await context.clock.sleep(handler.sleep.seconds * 1000, signal);
  }
}
