// What to do next for a pod, as a pure function of its spec and of what the runtime has. Doing it again after the actions gives none.
// Mirrors computePodActions of https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/kuberuntime_manager.go
import { type Container, type EphemeralContainer, isSidecar } from '@steersman/api';
import { containerHashAnnotation } from '../runtime/labels.js';
import { containerHash } from './container-hash.js';
import { type AnyContainer, isHostNetwork, type NodePod } from './pod.js';
import { initRestarts, restartsAfter, shouldStart } from './restart-policy.js';
import { latest, type RuntimePod } from './runtime-pod.js';

export type ProbeResult = 'success' | 'failure' | 'unknown';

/** What the probes have found about a container, by its ID. */
export interface ProbeResults {
  startup(containerId: string): ProbeResult | undefined;
  liveness(containerId: string): ProbeResult | undefined;
}

export interface ContainerToKill {
  readonly containerId: string;
  readonly container: AnyContainer;
  readonly message: string;
  readonly reason: 'startupProbe' | 'livenessProbe' | 'changed' | 'unknown';
}

export interface PodActions {
  /** End everything that still runs of the pod. */
  readonly killPod: boolean;
  /** The attempt number of the sandbox to make. */
  readonly createSandbox: number | undefined;
  readonly sandboxId: string | undefined;
  readonly ephemeralToStart: readonly EphemeralContainer[];
  readonly initToStart: readonly Container[];
  readonly toStart: readonly Container[];
  readonly toKill: readonly ContainerToKill[];
}

type Draft = { -readonly [K in keyof PodActions]: PodActions[K] extends readonly (infer T)[] ? T[] : PodActions[K] };

const restartsOnFailure = (pod: NodePod): boolean =>
  pod.spec.restartPolicy !== 'Never' ||
  pod.spec.containers.some(
    ({ restartPolicy, restartPolicyRules }) => restartPolicy === 'Always' || restartPolicy === 'OnFailure' || restartPolicyRules?.length,
  );

interface SandboxDecision {
  readonly create: boolean;
  readonly attempt: number;
  readonly id: string | undefined;
}

function decideSandbox(pod: NodePod, { sandboxes }: RuntimePod): SandboxDecision {
  const newest = sandboxes[0];
  if (!newest) return { create: true, attempt: 0, id: undefined };
  const ready = sandboxes.filter(({ state }) => state === 'ready');
  const changed =
    ready.length > 1 || newest.state !== 'ready' || newest.hostNetwork !== isHostNetwork(pod) || (!newest.hostNetwork && newest.ips.length === 0);
  return { create: changed, attempt: newest.attempt + 1, id: newest.id };
}

export function computePodActions(pod: NodePod, runtimePod: RuntimePod, probes: ProbeResults): PodActions {
  const sandbox = decideSandbox(pod, runtimePod);
  const actions: Draft = {
    killPod: sandbox.create,
    createSandbox: undefined,
    sandboxId: sandbox.id,
    ephemeralToStart: [],
    initToStart: [],
    toStart: [],
    toKill: [],
  };
  if (sandbox.create) return startOver(pod, runtimePod, { actions, attempt: sandbox.attempt });
  actions.ephemeralToStart = (pod.spec.ephemeralContainers ?? []).filter(({ name }) => !latest(runtimePod, name));
  const initialized = decideInitContainers(pod, runtimePod, { actions, probes });
  if (actions.killPod || !initialized) return actions;
  decideContainers(pod, runtimePod, { actions, probes });
  return actions;
}

/** A pod without a usable sandbox begins again from its init containers, unless it is over. */
function startOver(pod: NodePod, runtimePod: RuntimePod, { actions, attempt }: { actions: Draft; attempt: number }): PodActions {
  if (!restartsOnFailure(pod) && attempt !== 0 && runtimePod.containers.length > 0) return actions;
  const toStart = pod.spec.containers.filter((container) => {
    const status = latest(runtimePod, container.name);
    return status?.state !== 'exited' || restartsAfter(pod, container, status.exitCode);
  });
  const hasInitialized = pod.spec.containers.some(({ name }) => latest(runtimePod, name));
  if (hasInitialized && toStart.length === 0) return actions;
  actions.createSandbox = attempt;
  const [first] = pod.spec.initContainers ?? [];
  if (first) actions.initToStart.push(first);
  else actions.toStart.push(...toStart);
  return actions;
}

/** Returns whether initialisation is over. */
function decideInitContainers(pod: NodePod, runtimePod: RuntimePod, { actions, probes }: { actions: Draft; probes: ProbeResults }): boolean {
  const list = pod.spec.initContainers ?? [];
  if (list.length === 0) return true;
  const newestSandbox = runtimePod.sandboxes[0]?.id;
  let initialized = pod.spec.containers.some(({ name }) => {
    const status = latest(runtimePod, name);
    return status && (status.state === 'running' || status.state === 'created' || (status.state === 'exited' && status.sandboxId === newestSandbox));
  });
  let seen = initialized;
  const toStart = new Set<number>();
  // In reverse: what comes before the newest that has run is over, unless it is a sidecar, which is kept running.
  for (let index = list.length - 1; index >= 0; index--) {
    const container = list[index]!;
    const status = latest(runtimePod, container.name);
    if (!status || (status.sandboxId !== newestSandbox && status.state !== 'running' && !seen)) {
      if (seen && isSidecar(container)) toStart.add(index);
      continue;
    }
    if (seen && !isSidecar(container)) continue;
    const next = (): void => {
      if (seen) return;
      if (index === list.length - 1) initialized = true;
      else toStart.add(index + 1);
    };
    if (status.state === 'running') {
      if (isSidecar(container)) {
        const failed = failedProbe(container, status.id, probes);
        if (failed) {
          actions.toKill.push({
            containerId: status.id,
            container,
            message: `Init container ${container.name} failed ${failed === 'startupProbe' ? 'startup' : 'liveness'} probe`,
            reason: failed,
          });
          toStart.add(index);
        }
        if (!container.startupProbe || probes.startup(status.id) === 'success') next();
      }
    } else if (status.state === 'exited') {
      if (isSidecar(container)) toStart.add(index);
      else if (status.exitCode === 0) next();
      else if (initRestarts(pod, container, status.exitCode)) toStart.add(index);
      else {
        actions.killPod = true;
        return false;
      }
    } else {
      toStart.add(index);
      if (status.state === 'unknown')
        actions.toKill.push({
          containerId: status.id,
          container,
          message: `Init container is in "unknown" state, try killing it before restart`,
          reason: 'unknown',
        });
    }
    seen = true;
  }
  if (!seen) toStart.add(0);
  actions.initToStart = [...toStart].sort((a, b) => a - b).map((index) => list[index]!);
  return initialized;
}

function failedProbe(container: AnyContainer, id: string, probes: ProbeResults): 'startupProbe' | 'livenessProbe' | undefined {
  if (container.livenessProbe && probes.liveness(id) === 'failure') return 'livenessProbe';
  if (container.startupProbe && probes.startup(id) === 'failure') return 'startupProbe';
  return undefined;
}

function decideContainers(pod: NodePod, runtimePod: RuntimePod, { actions, probes }: { actions: Draft; probes: ProbeResults }): void {
  let kept = 0;
  for (const container of pod.spec.containers) {
    const status = latest(runtimePod, container.name);
    if (status?.state !== 'running') {
      if (shouldStart(pod, container, runtimePod)) {
        actions.toStart.push(container);
        if (status?.state === 'unknown')
          actions.toKill.push({
            containerId: status.id,
            container,
            message: `Container is in "unknown" state, try killing it before restart`,
            reason: 'unknown',
          });
      }
      continue;
    }
    const hash = status.annotations[containerHashAnnotation];
    const changed = hash !== undefined && hash !== containerHash(container);
    const failed = failedProbe(container, status.id, probes);
    if (!changed && !failed) {
      kept++;
      continue;
    }
    const restarts = changed || restartsAfter(pod, container, 137);
    const what = changed
      ? `Container ${container.name} definition changed`
      : `Container ${container.name} failed ${failed === 'startupProbe' ? 'startup' : 'liveness'} probe`;
    actions.toKill.push({ containerId: status.id, container, message: restarts ? `${what}, will be restarted` : what, reason: failed ?? 'changed' });
    if (restarts) actions.toStart.push(container);
  }
  if (kept === 0 && actions.toStart.length === 0) actions.killPod = true;
}
