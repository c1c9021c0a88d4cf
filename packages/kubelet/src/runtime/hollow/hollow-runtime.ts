// A simulated runtime: containers start at once and run until they are stopped. The kubelet above it is the real one.
import type { Clock, Random } from '@steersman/api';
import type { ContainerConfig, ImageSpec, LinuxContainerResources } from '../container-config.js';
import type {
  Connection,
  ContainerEvent,
  ContainerRuntime,
  ContainerStats,
  ContainerStatus,
  ExecResult,
  ImageStatus,
  LabelFilter,
  LogLine,
  PodSandboxStatus,
  RuntimeCondition,
  Session,
  VersionResponse,
} from '../container-runtime.js';
import { RuntimeError } from '../container-runtime.js';
import { EventQueue } from '../event-queue.js';
import { podUidLabel, restartCountAnnotation } from '../labels.js';
import type { PodSandboxConfig } from '../sandbox-config.js';
import { AddressPool } from './address-pool.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface HollowRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** What a simulated image weighs, for node status. */
const imageBytes = 10 * 1024 * 1024;

export class HollowRuntime implements ContainerRuntime {
  readonly name = 'hollow';
  readonly hasFileSystem = false;
  private readonly sandboxes = new Map<string, Mutable<PodSandboxStatus>>();
  private readonly containers = new Map<string, Mutable<ContainerStatus>>();
  private readonly sandboxesOfPod = new Map<string, Set<string>>();
  private readonly containersOfPod = new Map<string, Set<string>>();
  private readonly images = new Set<string>();
  private readonly listeners = new Set<EventQueue<ContainerEvent>>();
  private readonly addresses = new AddressPool();

  constructor(private readonly options: HollowRuntimeOptions) {}

  /** Sandboxes get their addresses from here; until it is set they get them from 10.244.0.0/24. */
  setPodCidr(cidr: string): void {
    this.addresses.use(cidr);
  }

  async version(): Promise<VersionResponse> {
    return { runtimeName: this.name, runtimeVersion: '0.1.0', runtimeApiVersion: 'v1' };
  }

  async status(): Promise<readonly RuntimeCondition[]> {
    return [
      { type: 'RuntimeReady', status: true, reason: '', message: '' },
      { type: 'NetworkReady', status: true, reason: '', message: '' },
    ];
  }

  async runPodSandbox(config: PodSandboxConfig): Promise<string> {
    const id = this.newId();
    const hostNetwork = config.namespaces.network === 'node';
    this.sandboxes.set(id, {
      id,
      podUid: config.metadata.uid,
      name: config.metadata.name,
      namespace: config.metadata.namespace,
      attempt: config.metadata.attempt,
      state: 'ready',
      createdAt: this.options.clock.now(),
      ips: hostNetwork ? [] : [this.addresses.take(id)],
      hostNetwork,
      labels: config.labels,
      annotations: config.annotations,
    });
    addTo(this.sandboxesOfPod, config.metadata.uid, id);
    this.tell('started', id, config.metadata.uid);
    return id;
  }

  async stopPodSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.sandboxes.get(sandboxId);
    if (sandbox?.state !== 'ready') return;
    for (const container of this.containersIn(sandbox)) this.end(container, 137, 'Error');
    sandbox.state = 'notReady';
    this.addresses.release(sandboxId);
    this.tell('stopped', sandboxId, sandbox.podUid);
  }

  async removePodSandbox(sandboxId: string): Promise<void> {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox) return;
    await this.stopPodSandbox(sandboxId);
    for (const { id } of this.containersIn(sandbox)) await this.removeContainer(id);
    this.sandboxes.delete(sandboxId);
    removeFrom(this.sandboxesOfPod, sandbox.podUid, sandboxId);
  }

  async podSandboxStatus(sandboxId: string): Promise<PodSandboxStatus | undefined> {
    return this.sandboxes.get(sandboxId);
  }

  async listPodSandboxes(filter: LabelFilter = {}): Promise<readonly PodSandboxStatus[]> {
    return select(this.sandboxes, this.sandboxesOfPod, filter);
  }

  async createContainer(sandboxId: string, config: ContainerConfig): Promise<string> {
    const sandbox = this.sandboxes.get(sandboxId);
    if (!sandbox) throw new RuntimeError(`sandbox ${sandboxId} not found`);
    const id = this.newId();
    this.images.add(config.image.image);
    this.containers.set(id, {
      id,
      sandboxId,
      podUid: sandbox.podUid,
      name: config.metadata.name,
      attempt: Number(config.annotations[restartCountAnnotation] ?? config.metadata.attempt),
      state: 'created',
      createdAt: this.options.clock.now(),
      startedAt: 0,
      finishedAt: 0,
      exitCode: 0,
      image: config.image.image,
      imageId: `hollow-pullable://${config.image.image}`,
      reason: '',
      message: '',
      logPath: '',
      labels: config.labels,
      annotations: config.annotations,
      resources: config.resources,
    });
    addTo(this.containersOfPod, sandbox.podUid, id);
    return id;
  }

  async startContainer(containerId: string): Promise<void> {
    const container = this.must(containerId);
    container.state = 'running';
    container.startedAt = this.options.clock.now();
    this.tell('started', containerId, container.podUid);
  }

  async stopContainer(containerId: string): Promise<void> {
    const container = this.containers.get(containerId);
    if (container) this.end(container, 0, 'Completed');
  }

  async removeContainer(containerId: string): Promise<void> {
    const container = this.containers.get(containerId);
    if (!container) return;
    this.containers.delete(containerId);
    removeFrom(this.containersOfPod, container.podUid, containerId);
  }

  async listContainers(filter: LabelFilter = {}): Promise<readonly ContainerStatus[]> {
    return select(this.containers, this.containersOfPod, filter).map((container) => ({ ...container }));
  }

  async containerStatus(containerId: string): Promise<ContainerStatus | undefined> {
    return this.containers.get(containerId);
  }

  async updateContainerResources(containerId: string, resources: LinuxContainerResources): Promise<void> {
    this.must(containerId).resources = resources;
  }

  async execSync(containerId: string): Promise<ExecResult> {
    this.must(containerId);
    return { exitCode: 0, stdout: '', stderr: '', timedOut: false };
  }

  async exec(): Promise<Session> {
    throw new RuntimeError('a hollow container runs no commands');
  }

  async attach(): Promise<Session> {
    throw new RuntimeError('a hollow container has no process to attach to');
  }

  async portForward(): Promise<Connection> {
    throw new RuntimeError('a hollow pod has no ports');
  }

  async *logs(containerId: string): AsyncIterable<LogLine> {
    this.must(containerId);
    yield* [];
  }

  async pullImage({ image }: ImageSpec): Promise<string> {
    this.images.add(image);
    return image;
  }

  async imageStatus({ image }: ImageSpec): Promise<ImageStatus | undefined> {
    return imageOf(image);
  }

  async listImages(): Promise<readonly ImageStatus[]> {
    return [...this.images].map(imageOf);
  }

  async removeImage({ image }: ImageSpec): Promise<void> {
    this.images.delete(image);
  }

  async imageFsInfo(): Promise<{ mountpoint: string; usedBytes: number }> {
    return { mountpoint: '/', usedBytes: this.images.size * imageBytes };
  }

  async containerStats(containerId: string): Promise<ContainerStats | undefined> {
    if (!this.containers.has(containerId)) return undefined;
    return { containerId, timeMs: this.options.clock.now(), cpuNanoSeconds: 0, memoryUsageBytes: 0, memoryWorkingSetBytes: 0 };
  }

  async *events(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const queue = new EventQueue<ContainerEvent>();
    const end = (): void => queue.end();
    this.listeners.add(queue);
    signal.addEventListener('abort', end, { once: true });
    try {
      if (!signal.aborted) yield* queue;
    } finally {
      signal.removeEventListener('abort', end);
      this.listeners.delete(queue);
    }
  }

  private newId(): string {
    return Buffer.from(this.options.random.bytes(32)).toString('hex');
  }

  private must(containerId: string): Mutable<ContainerStatus> {
    const container = this.containers.get(containerId);
    if (!container) throw new RuntimeError(`container ${containerId} not found`);
    return container;
  }

  private containersIn(sandbox: PodSandboxStatus): Mutable<ContainerStatus>[] {
    return select(this.containers, this.containersOfPod, { labels: { [podUidLabel]: sandbox.podUid } }).filter(
      ({ sandboxId }) => sandboxId === sandbox.id,
    );
  }

  private end(container: Mutable<ContainerStatus>, exitCode: number, reason: string): void {
    if (container.state === 'exited') return;
    container.state = 'exited';
    container.exitCode = exitCode;
    container.reason = reason;
    container.finishedAt = this.options.clock.now();
    this.tell('stopped', container.id, container.podUid);
  }

  private tell(type: ContainerEvent['type'], containerId: string, podUid: string): void {
    for (const listener of this.listeners) listener.push({ type, containerId, podUid });
  }
}

const imageOf = (image: string): ImageStatus => ({ id: `hollow:${image}`, repoTags: [image], repoDigests: [], size: imageBytes, uid: 1000 });

function addTo(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  if (ids) ids.add(id);
  else index.set(key, new Set([id]));
}

function removeFrom(index: Map<string, Set<string>>, key: string, id: string): void {
  const ids = index.get(key);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(key);
}

/** Those that carry the labels; by way of the index where the pod is among them. */
function select<T extends { readonly labels: Readonly<Record<string, string>> }>(
  all: Map<string, T>,
  index: Map<string, Set<string>>,
  { labels = {} }: LabelFilter,
): T[] {
  const uid = labels[podUidLabel];
  const wanted = Object.entries(labels);
  const found = uid === undefined ? [...all.values()] : [...(index.get(uid) ?? [])].map((id) => all.get(id)).filter((item) => item !== undefined);
  return found.filter((item) => wanted.every(([key, value]) => item.labels[key] === value));
}
