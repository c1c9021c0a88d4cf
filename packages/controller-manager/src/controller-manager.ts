// The controller manager: every controller on one runtime, each acting as its own service account.
import type { Clock, Logger, Random } from '@steersman/api';
import { type Client, EventRecorder, InformerFactory } from '@steersman/client';
import { createMetrics, type KeyPair, type Registry, type Runnable, runAll } from '@steersman/component-base';
import { controllersOf } from './controllers.js';
import { ControllerMetrics } from './runtime/controller-runner.js';

export interface ControllerManagerOptions {
  /** The manager's own client, for its shared caches. */
  readonly client: Client;
  /** The client of a controller, which acts as the service account of that name in kube-system. */
  clientOf(controller: string): Client | Promise<Client>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** PEM that pods verify the API server by. */
  readonly rootCa: string;
  /** Signs certificates for nodes and clients. */
  readonly signer?: KeyPair;
  /** Pod addresses of the cluster, divided among nodes. */
  readonly clusterCidr?: string;
  readonly nodeCidrMaskSize?: number;
}

/** What controllers are made with. */
export interface ControllerTools extends ControllerManagerOptions {
  readonly informers: InformerFactory;
  recorderOf(component: string, client: Client): EventRecorder;
  readonly metrics: ControllerMetrics;
  readonly registry: Registry;
}

export class ControllerManager implements Runnable {
  readonly name = 'controller manager';
  readonly metrics: Registry = createMetrics();

  constructor(private readonly options: ControllerManagerOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, random, logger } = this.options;
    const informers = new InformerFactory({ client, clock, logger });
    const tools: ControllerTools = {
      ...this.options,
      informers,
      metrics: new ControllerMetrics(this.metrics),
      registry: this.metrics,
      recorderOf: (component, own) => new EventRecorder({ client: own, clock, random, logger, component }),
    };
    const controllers = await controllersOf(tools);
    await runAll(signal, [informers, ...controllers]);
  }
}
