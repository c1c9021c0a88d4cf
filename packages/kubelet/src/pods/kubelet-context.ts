// What the parts of a kubelet share: its collaborators and what it knows of its node.
import type { Clock, Logger, Random, Service } from '@steersman/api';
import type { Client, EventRecorder } from '@steersman/client';
import type { NetworkApi } from '@steersman/rpc';
import type { ImageManager } from '../images/image-manager.js';
import type { NodeFacts } from '../node/node-facts.js';
import type { ProbeManager } from '../probes/probe-manager.js';
import type { ContainerRuntime } from '../runtime/container-runtime.js';
import type { StatusManager } from '../status/status-manager.js';
import type { VolumeManager } from '../volumes/volume-manager.js';
import type { AllocationManager } from './allocation.js';
import type { BackOff } from './back-off.js';
import type { ObjectReferences } from './object-references.js';

export interface KubeletContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly runtime: ContainerRuntime;
  readonly network: NetworkApi | undefined;
  readonly node: NodeFacts;
  readonly dataDir: string;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly references: ObjectReferences;
  readonly probes: ProbeManager;
  readonly statuses: StatusManager;
  readonly allocations: AllocationManager;
  /** Back-off of containers that end, by pod and container. */
  readonly crashes: BackOff;
  services(namespace: string): readonly Service[];
}
