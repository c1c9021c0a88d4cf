// The probes of all pods on this node, and what they have found.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/prober/prober_manager.go
import { type Clock, isSidecar, type Random } from '@steersman/api';
import type { EventRecorder } from '@steersman/client';
import { type AnyContainer, fieldPathOf, type NodePod, uidOf } from '../pods/pod.js';
import type { ProbeResult, ProbeResults } from '../pods/pod-actions.js';
import { addressesOf, latest, type RuntimePod } from '../pods/runtime-pod.js';
import type { ContainerRuntime } from '../runtime/container-runtime.js';
import type { Readiness } from '../status/pod-status.js';
import { type ProbeKind, ProbeWorker } from './probe-worker.js';
import { runProbe } from './prober.js';

interface PodProbes {
  pod: NodePod;
  runtimePod: RuntimePod;
  readonly workers: Map<string, ProbeWorker>;
}

export interface ProbeManagerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly hostAddress: () => string;
  /** A result has changed. */
  readonly onChange: (podUid: string) => void;
}

const labels: Record<ProbeKind, string> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };

const probesOf = (container: AnyContainer): [ProbeKind, NonNullable<AnyContainer['livenessProbe']>][] =>
  (
    [
      ['startup', container.startupProbe],
      ['readiness', container.readinessProbe],
      ['liveness', container.livenessProbe],
    ] as const
  ).flatMap(([kind, probe]) => (probe ? [[kind, probe] as [ProbeKind, typeof probe]] : []));

export class ProbeManager implements Readiness, ProbeResults {
  private readonly pods = new Map<string, PodProbes>();
  private readonly results: Record<ProbeKind, Map<string, ProbeResult>> = { startup: new Map(), liveness: new Map(), readiness: new Map() };

  constructor(private readonly options: ProbeManagerOptions) {}

  startup(containerId: string): ProbeResult | undefined {
    return this.results.startup.get(containerId);
  }

  liveness(containerId: string): ProbeResult | undefined {
    return this.results.liveness.get(containerId);
  }

  isStarted(containerId: string, hasStartupProbe: boolean): boolean {
    return !hasStartupProbe || this.results.startup.get(containerId) === 'success';
  }

  isReady(containerId: string, hasReadinessProbe: boolean): boolean {
    return !hasReadinessProbe || this.results.readiness.get(containerId) === 'success';
  }

  /** After a restart of the kubelet what was ready stays ready until its probes say otherwise. */
  adopt({ status }: NodePod): void {
    for (const { containerID, ready, started } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      const id = containerID?.replace(/^.*:\/\//, '');
      if (!id) continue;
      if (started) this.results.startup.set(id, 'success');
      if (ready) this.results.readiness.set(id, 'success');
    }
  }

  /** Starts the pod's probes that do not yet run, and tells all of what the runtime has. */
  update(pod: NodePod, runtimePod: RuntimePod): void {
    const uid = uidOf(pod);
    const known = this.pods.get(uid);
    const probes = known ?? { pod, runtimePod, workers: new Map<string, ProbeWorker>() };
    probes.pod = pod;
    probes.runtimePod = runtimePod;
    const containers = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
    const wanted = containers.flatMap((container) => probesOf(container).map(([kind, probe]) => ({ container, kind, probe })));
    if (!known && wanted.length === 0) return;
    this.pods.set(uid, probes);
    for (const { container, kind, probe } of wanted) {
      const key = `${container.name}/${kind}`;
      if (probes.workers.has(key)) continue;
      const worker = new ProbeWorker({
        clock: this.options.clock,
        random: this.options.random,
        kind,
        probe,
        look: () => this.look(uid, container),
        run: (containerId) => runProbe(this.options, probe, { container, containerId, podIp: this.addressOf(uid) }),
        failed: (output) =>
          this.options.recorder.warning(probes.pod, 'Unhealthy', `${labels[kind]} probe failed: ${output}`, {
            fieldPath: fieldPathOf(probes.pod, container),
          }),
        report: (containerId, result) => this.report({ uid, kind, container, containerId, result }),
      });
      probes.workers.set(key, worker);
      worker.start();
    }
  }

  /** Ends liveness and startup probes: the pod is being ended. */
  stopLiveness(uid: string): void {
    for (const [key, worker] of this.pods.get(uid)?.workers ?? []) if (!key.endsWith('/readiness')) worker.stop();
  }

  remove(uid: string): void {
    const probes = this.pods.get(uid);
    if (!probes) return;
    for (const worker of probes.workers.values()) worker.stop();
    for (const { id } of probes.runtimePod.containers) for (const results of Object.values(this.results)) results.delete(id);
    this.pods.delete(uid);
  }

  private addressOf(uid: string): string {
    const probes = this.pods.get(uid);
    if (!probes) return '';
    return probes.pod.spec.hostNetwork ? this.options.hostAddress() : (addressesOf(probes.runtimePod)[0] ?? '');
  }

  private look(uid: string, container: AnyContainer): { containerId: string; startedAtMs: number; started: boolean } | undefined {
    const probes = this.pods.get(uid);
    const status = probes && latest(probes.runtimePod, container.name);
    if (status?.state !== 'running') return undefined;
    return { containerId: status.id, startedAtMs: status.startedAt, started: this.isStarted(status.id, container.startupProbe !== undefined) };
  }

  private report({
    uid,
    kind,
    container,
    containerId,
    result,
  }: {
    uid: string;
    kind: ProbeKind;
    container: AnyContainer;
    containerId: string;
    result: ProbeResult;
  }): void {
    const results = this.results[kind];
    if (results.get(containerId) === result) return;
    results.set(containerId, result);
    // What waited for the startup probe begins at once.
    if (kind === 'startup' && result === 'success')
      for (const other of ['liveness', 'readiness']) this.pods.get(uid)?.workers.get(`${container.name}/${other}`)?.trigger();
    this.options.onChange(uid);
  }
}
