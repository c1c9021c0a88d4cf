// What the pod table says of a pod's containers: how many are ready, what state they are in, how often they restarted.
import { type ContainerStatus, fromTime, isConditionTrue, isSidecar, type Pod } from '@steersman/api';
import { humanDuration } from './default-columns.js';

export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: string;
}

/** Restarts counted, and when the last of them was. */
class Restarts {
  count = 0;
  private lastMs = Number.NEGATIVE_INFINITY;

  add({ restartCount, lastState }: ContainerStatus): void {
    this.count += restartCount ?? 0;
    const at = fromTime(lastState?.terminated?.finishedAt);
    if (at > this.lastMs) this.lastMs = at;
  }

  text(nowMs: number): string {
    return this.count && Number.isFinite(this.lastMs) ? `${this.count} (${humanDuration(nowMs - this.lastMs)} ago)` : String(this.count);
  }
}

/** How a container ended, where its status gives no reason. */
const endOf = ({ exitCode, signal }: { exitCode: number; signal?: number }): string => (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);

interface Initialization {
  /** The state of the first init container that is not done; nothing where all are. */
  readonly reason?: string;
  readonly ready: number;
  readonly restarts: Restarts;
  readonly sidecarRestarts: Restarts;
}

function initialization({ spec, status }: Pod): Initialization {
  const restarts = new Restarts();
  const sidecarRestarts = new Restarts();
  const containers = new Map((spec?.initContainers ?? []).map((container) => [container.name, container]));
  let ready = 0;
  for (const [index, container] of (status?.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = container.state ?? {};
    const sidecar = isSidecar(containers.get(container.name) ?? {});
    restarts.add(container);
    if (sidecar) sidecarRestarts.add(container);
    if (terminated?.exitCode === 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ready++;
      continue;
    }
    const reason = terminated
      ? terminated.reason || endOf(terminated)
      : waiting?.reason && waiting.reason !== 'PodInitializing'
        ? waiting.reason
        : `${index}/${containers.size}`;
    return { reason: `Init:${reason}`, ready, restarts, sidecarRestarts };
  }
  return { ready, restarts, sidecarRestarts };
}

/** Adds up the app containers, last first: the first one that is not simply running gives the reason. */
function appContainers({ status }: Pod, restarts: Restarts, before: string): { reason: string; ready: number } {
  let reason = before;
  let ready = 0;
  let running = false;
  for (const container of [...(status?.containerStatuses ?? [])].reverse()) {
    const { waiting, terminated, running: isRunning } = container.state ?? {};
    restarts.add(container);
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) reason = terminated.reason || endOf(terminated);
    else if (container.ready && isRunning) {
      running = true;
      ready++;
    }
  }
  if (reason === 'Completed' && running) reason = isConditionTrue(status?.conditions, 'Ready') ? 'Running' : 'NotReady';
  return { reason, ready };
}

const isGated = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated');

/** A deleted pod is terminating until its phase is final. */
function deletionReason({ metadata, status }: Pod): string | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? undefined : 'Terminating';
}

export function podSummary(pod: Pod, nowMs: number): PodSummary {
  const { spec, status } = pod;
  const total = (spec?.containers ?? []).length + (spec?.initContainers ?? []).filter(isSidecar).length;
  const init = initialization(pod);
  let reason = isGated(pod) ? 'SchedulingGated' : status?.reason || status?.phase || '';
  let { restarts, ready } = init;
  if (init.reason !== undefined) reason = init.reason;
  if (init.reason === undefined || isConditionTrue(status?.conditions, 'Initialized')) {
    restarts = init.sidecarRestarts;
    const apps = appContainers(pod, restarts, reason);
    reason = apps.reason;
    ready += apps.ready;
  }
  return { ready, total, reason: deletionReason(pod) ?? reason, restarts: restarts.text(nowMs) };
}
