// The Node object: registered at start, its status kept up to date.
// Mirrors https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kubelet_node_status.go
import {
  type Clock,
  deepEqual,
  ignoreNotFound,
  isAlreadyExists,
  type Logger,
  type Node,
  type NodeCondition,
  type NodeStatus,
  toTime,
} from '@steersman/api';
import { type Client, type EventRecorder, Informer } from '@steersman/client';
import type { ContainerRuntime } from '../runtime/container-runtime.js';
import type { Machine } from './machine.js';

export interface NodeStatusOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly runtime: ContainerRuntime;
  readonly nodeName: string;
  readonly machine: Machine;
  readonly kubeletPort: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: NonNullable<Node['spec']>['taints'];
  readonly version: string;
  /** Why the node's network is not ready, if so. */
  readonly networkProblem: () => Promise<string | undefined>;
}

const updateMs = 10_000;
const unreadyMs = 1000;
const startingMs = 100;
/** Without a change the status is written this often: the lease says that the node is alive. */
const reportMs = 300_000;
const mostImages = 50;

export class NodeStatusManager {
  readonly name = 'node status';
  private readonly informer: Informer<'Node'>;
  private lastReportMs = 0;
  private lastReady: boolean | undefined;
  private wasReady = false;
  private hasAnnounced = false;
  private resolveRegistered!: () => void;
  readonly registered: Promise<void> = new Promise((resolve) => {
    this.resolveRegistered = resolve;
  });

  constructor(private readonly options: NodeStatusOptions) {
    const { client, clock, logger, nodeName } = options;
    this.informer = new Informer({ client, clock, logger, kind: 'Node', fieldSelector: `metadata.name=${nodeName}` });
  }

  current(): Node | undefined {
    return this.informer.lister.get('', this.options.nodeName);
  }

  onChange(handler: (node: Node) => void): void {
    this.informer.onEvent((event) => {
      if (event.type === 'apply') handler(event.object);
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const watching = this.informer.run(signal);
    await this.register(signal);
    while (!signal.aborted) {
      await this.update(signal).catch((err: unknown) => {
        if (!signal.aborted) this.options.logger.warn('node status not written, trying again', { node: this.options.nodeName, err });
      });
      await this.options.clock.sleep(this.pauseMs(), signal);
    }
    await watching;
  }

  /** A node that starts is to be ready as soon as it can be. */
  private pauseMs(): number {
    if (this.lastReady) return updateMs;
    return this.wasReady ? unreadyMs : startingMs;
  }

  private async register(signal: AbortSignal): Promise<void> {
    const { clock, logger, nodeName } = this.options;
    for (let delayMs = 100; !signal.aborted; delayMs = Math.min(delayMs * 2, 7000)) {
      try {
        await this.createOrReconcile(signal);
        this.resolveRegistered();
        return;
      } catch (err) {
        if (signal.aborted) return;
        logger.debug('node not registered, trying again', { node: nodeName, err });
        await clock.sleep(delayMs, signal);
      }
    }
  }

  private labels(): Record<string, string> {
    const { machine, nodeName, labels } = this.options;
    return {
      'beta.kubernetes.io/arch': machine.architecture,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': machine.architecture,
      'kubernetes.io/hostname': nodeName,
      'kubernetes.io/os': 'linux',
      ...labels,
    };
  }

  private async createOrReconcile(signal: AbortSignal): Promise<void> {
    const { client, nodeName, taints } = this.options;
    const status = await this.compose(undefined);
    const node: Node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: nodeName, labels: this.labels(), annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' } },
      spec: taints?.length ? { taints } : {},
      status,
    };
    try {
      await client.create(node, { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      await client.patch('Node', { name: nodeName }, { metadata: { labels: this.labels() } }, { signal });
    }
  }

  private async update(signal: AbortSignal): Promise<void> {
    const { client, clock, nodeName } = this.options;
    const node = await client.get('Node', { name: nodeName }, { resourceVersion: '0', signal }).catch(ignoreNotFound);
    if (!node) {
      await this.createOrReconcile(signal);
      return;
    }
    const status = await this.compose(node.status);
    this.announce(node, status);
    const changed = differs(node.status, status);
    if (!changed && clock.now() - this.lastReportMs < reportMs) return;
    await client.patch('Node', { name: nodeName }, { status: patchOf(node.status, status) }, { subresource: 'status', signal });
    this.lastReportMs = clock.now();
  }

  private async compose(before: NodeStatus | undefined): Promise<NodeStatus> {
    const { machine, kubeletPort, nodeName, runtime, version } = this.options;
    const [{ runtimeName, runtimeVersion }, images, conditions] = await Promise.all([
      runtime.version(),
      runtime.listImages(),
      this.conditions(before?.conditions),
    ]);
    return {
      capacity: { ...machine.capacity },
      allocatable: { ...machine.allocatable },
      conditions,
      addresses: [...machine.addresses.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: nodeName }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
      nodeInfo: {
        machineID: machine.machineId,
        systemUUID: machine.systemUuid,
        bootID: machine.bootId,
        kernelVersion: machine.kernelVersion,
        osImage: machine.osImage,
        containerRuntimeVersion: `${runtimeName}://${runtimeVersion}`,
        kubeletVersion: version,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: machine.architecture,
      },
      images: images
        .filter(({ repoTags, repoDigests }) => repoTags.length + repoDigests.length > 0)
        .sort((a, b) => b.size - a.size)
        .slice(0, mostImages)
        .map(({ repoDigests, repoTags, size }) => ({ names: [...repoDigests, ...repoTags].slice(0, 5), sizeBytes: size })),
    };
  }

  private async conditions(before: readonly NodeCondition[] | undefined): Promise<NodeCondition[]> {
    const nowMs = this.options.clock.now();
    const states = await this.options.runtime
      .status()
      .catch((error: unknown) => [
        { type: 'RuntimeReady' as const, status: false, reason: 'DockerDaemonNotReady', message: `container runtime is down: ${String(error)}` },
      ]);
    const network = await this.options.networkProblem();
    const problems = [
      ...states.filter(({ status }) => !status).map(({ message }) => message),
      ...(network ? [`container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:${network}`] : []),
    ];
    const drafts = [
      { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
      { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
      { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
      problems.length > 0
        ? { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problems.length > 1 ? `[${problems.join(', ')}]` : problems[0]! }
        : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    ];
    return drafts.map((draft) => {
      const old = before?.find(({ type }) => type === draft.type);
      return {
        ...draft,
        lastHeartbeatTime: toTime(nowMs),
        lastTransitionTime: old?.status === draft.status && old.lastTransitionTime ? old.lastTransitionTime : toTime(nowMs),
      };
    });
  }

  /** Events about the node: at the first report and whenever it becomes ready or not. */
  private announce(node: Node, status: NodeStatus): void {
    const { nodeName, recorder } = this.options;
    // Upstream's events about nodes carry the name as uid.
    const about = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } };
    const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    if (!this.hasAnnounced) {
      this.hasAnnounced = true;
      for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'])
        recorder.normal(about, reason, `Node ${nodeName} status is now: ${reason}`);
      recorder.normal(about, 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    }
    const was = this.lastReady ?? node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
    if (this.lastReady === undefined || was !== ready)
      recorder.normal(about, ready ? 'NodeReady' : 'NodeNotReady', `Node ${nodeName} status is now: ${ready ? 'NodeReady' : 'NodeNotReady'}`);
    this.lastReady = ready;
    this.wasReady ||= ready;
  }
}

const withoutTimes = (status: NodeStatus | undefined): unknown => ({
  ...status,
  conditions: (status?.conditions ?? [])
    .filter(({ type }) => owned.has(type))
    .map(({ lastHeartbeatTime: _heartbeat, lastTransitionTime: _transition, ...rest }) => rest),
});

const owned = new Set(['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']);

/** Only what is ours is compared: other fields belong to controllers. */
const differs = (before: NodeStatus | undefined, after: NodeStatus): boolean => {
  const mine = Object.fromEntries(Object.keys(after).map((key) => [key, before?.[key as keyof NodeStatus]])) as NodeStatus;
  return !deepEqual(withoutTimes(mine), withoutTimes(after));
};

function patchOf(before: NodeStatus | undefined, after: NodeStatus): Record<string, unknown> {
  const patch: Record<string, unknown> = { conditions: after.conditions };
  for (const [key, value] of Object.entries(after))
    if (key !== 'conditions' && !deepEqual(before?.[key as keyof NodeStatus], value))
      patch[key] = key === 'addresses' ? [{ $patch: 'replace' }, ...(value as unknown[])] : value;
  return patch;
}
