// The kubelet: runs the pods bound to its node. Stopping it leaves their containers running; the next one adopts them.
import type { Clock, Logger, Node, Pod, Random } from '@steersman/api';
import { type Client, EventRecorder, Informer } from '@steersman/client';
import { type Runnable, runAll } from '@steersman/component-base';
import type { NetworkApi, NodeApi } from '@steersman/rpc';
import { createNodeApi } from './api/node-api.js';
import { ImageManager } from './images/image-manager.js';
import { credentialsFor } from './images/pull-secrets.js';
import type { Machine } from './node/machine.js';
import { NetworkHealth } from './node/network-health.js';
import type { NodeFacts } from './node/node-facts.js';
import { NodeLease } from './node/node-lease.js';
import { NodeStatusManager } from './node/node-status.js';
import { AllocationManager } from './pods/allocation.js';
import { BackOff } from './pods/back-off.js';
import type { KubeletContext } from './pods/kubelet-context.js';
import { ObjectReferences } from './pods/object-references.js';
import { asNodePod, type NodePod, namespaceOf } from './pods/pod.js';
import { PodManager } from './pods/pod-manager.js';
import { ProbeManager } from './probes/probe-manager.js';
import type { ContainerRuntime } from './runtime/container-runtime.js';
import { networkedRuntime } from './runtime/networked-runtime.js';
import { StatusManager } from './status/status-manager.js';
import { boundVolume } from './volumes/claims.js';
import { TokenManager } from './volumes/tokens.js';
import { VolumeManager } from './volumes/volume-manager.js';

export interface KubeletOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly nodeName: string;
  readonly runtime: ContainerRuntime;
  readonly machine: Machine;
  /** The pod network; none: sandboxes keep the network that the runtime gives them. */
  readonly network?: NetworkApi;
  readonly dataDir: string;
  readonly clusterDns?: readonly string[];
  readonly clusterDomain?: string;
  /** The port under which the node API is reached, for the Node object. */
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: NonNullable<Node['spec']>['taints'];
  readonly version?: string;
  /** Called when the node has got its pod CIDR. */
  readonly onPodCidr?: (cidr: string) => void;
}

const crashBackOff = { initialMs: 10_000, maxMs: 300_000 };
/** The version that nodes report: the API level served. */
export const kubeletVersion = 'v1.35.0';

export class Kubelet implements Runnable {
  readonly name = 'kubelet';
  /** The node is registered and reported as ready. */
  readonly ready: Promise<void>;
  readonly nodeApi: NodeApi;
  private readonly context: KubeletContext;
  private readonly pods: PodManager;
  private readonly nodeStatus: NodeStatusManager;
  private readonly services: Informer<'Service'>;
  private readonly podInformer: Informer<'Pod'>;
  private resolveReady!: () => void;

  constructor(private readonly options: KubeletOptions) {
    this.ready = new Promise((resolve) => {
      this.resolveReady = resolve;
    });
    const { client, clock, logger, nodeName, machine } = options;
    const runtime = options.network ? networkedRuntime(options.runtime, options.network) : options.runtime;
    const recorder = new EventRecorder({ client, clock, random: options.random, logger, component: 'kubelet', host: nodeName });
    const network = options.network && new NetworkHealth(options.network, clock);
    this.services = new Informer({ client, clock, logger, kind: 'Service' });
    this.podInformer = new Informer({ client, clock, logger, kind: 'Pod', fieldSelector: `spec.nodeName=${nodeName}` });
    this.nodeStatus = new NodeStatusManager({
      client,
      clock,
      logger,
      recorder,
      runtime,
      nodeName,
      machine,
      kubeletPort: options.port ?? 10250,
      labels: options.labels ?? {},
      taints: options.taints,
      version: options.version ?? kubeletVersion,
      networkProblem: async () => network?.problem(),
    });
    const node: NodeFacts = {
      name: nodeName,
      addresses: machine.addresses,
      capacity: machine.capacity,
      allocatable: machine.allocatable,
      memoryBytes: machine.memoryBytes,
      current: () => this.nodeStatus.current(),
    };
    this.context = this.compose({ runtime, recorder, node });
    this.pods = new PodManager(this.context);
    this.nodeApi = createNodeApi(this.context, this.pods);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { onPodCidr } = this.options;
    this.nodeStatus.onChange((node) => {
      if (node.spec?.podCIDR) onPodCidr?.(node.spec.podCIDR);
      if (node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) this.resolveReady();
    });
    const { nodeName } = this.options;
    this.context.recorder.normal({ apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } }, 'Starting', 'Starting kubelet.');
    const lease = new NodeLease({ ...this.options, node: () => this.nodeStatus.current() });
    const pods: Runnable = { name: 'pods', run: (stop) => this.runPods(stop) };
    await runAll(signal, [this.nodeStatus, lease, this.services, this.podInformer, this.context.statuses, pods]);
    await this.context.references.close();
  }

  private async runPods(signal: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all([this.podInformer.synced, this.services.synced, this.nodeStatus.registered]), stopped]);
    if (signal.aborted) return;
    this.podInformer.onEvent((event) =>
      event.type === 'delete' ? this.pods.removed(event.object as Pod) : this.pods.applied(asNodePod(event.object as Pod)),
    );
    await this.pods.run(signal);
  }

  private compose({ runtime, recorder, node }: { runtime: ContainerRuntime; recorder: EventRecorder; node: NodeFacts }): KubeletContext {
    const { client, clock, random, logger, dataDir } = this.options;
    const notify = (uid: string): void => this.pods.notify(uid);
    const references = new ObjectReferences({ client, clock, logger, onChange: notify });
    const tokens = new TokenManager(client, clock);
    const sources = (pod: NodePod) => ({
      podIps: [],
      hostIps: node.addresses.slice(0, 1),
      allocatable: node.allocatable,
      configMap: (namespace: string, name: string) => references.configMap(namespace, name),
      secret: (namespace: string, name: string) => references.secret(namespace, name),
      persistentVolume: (namespace: string, claim: string) => boundVolume(client, namespace, claim),
      nowMs: () => clock.now(),
      token: (of: NodePod, request: { audience: string; expirationSeconds: number }) => tokens.token(of, request),
      pod,
    });
    const credentials = async (pod: NodePod, image: string) => {
      const secrets = await Promise.all((pod.spec.imagePullSecrets ?? []).map(({ name = '' }) => references.secret(namespaceOf(pod), name)));
      return credentialsFor(
        image,
        secrets.filter((secret) => secret !== undefined),
      );
    };
    return {
      client,
      clock,
      random,
      logger,
      recorder,
      runtime,
      network: this.options.network,
      node,
      dataDir,
      clusterDns: this.options.clusterDns ?? ['10.96.0.10'],
      clusterDomain: this.options.clusterDomain ?? 'cluster.local',
      images: new ImageManager({ runtime, recorder, clock, credentials }),
      volumes: new VolumeManager({ dataDir, hasFileSystem: runtime.hasFileSystem, sources }),
      references,
      probes: new ProbeManager({ clock, random, runtime, recorder, hostAddress: () => node.addresses[0] ?? '127.0.0.1', onChange: notify }),
      statuses: new StatusManager({ client, clock, logger }),
      allocations: new AllocationManager(node),
      crashes: new BackOff(clock, crashBackOff),
      services: (namespace) => this.services.lister.list(namespace),
    };
  }
}
