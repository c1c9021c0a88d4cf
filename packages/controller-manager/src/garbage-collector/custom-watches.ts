// Watches the objects of every custom resource for as long as it is served.
import type { Clock, CustomResourceDefinition, KubernetesObject, Logger } from '@steersman/api';
import { type Client, type InformerEvent, type InformerFactory, ResourceInformer } from '@steersman/client';
import { type AnyKind, customKind } from '../runtime/custom-kind.js';

export interface CustomWatchTools {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Watched {
  readonly kind: AnyKind;
  readonly informer: ResourceInformer<KubernetesObject>;
  readonly controller: AbortController;
}

const isEstablished = ({ status }: CustomResourceDefinition): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;

export class CustomWatches {
  private readonly watched = new Map<string, Watched>();
  private signal: AbortSignal | undefined;

  constructor(
    private readonly tools: CustomWatchTools,
    private readonly observe: (kind: AnyKind, event: InformerEvent<KubernetesObject>) => void,
  ) {
    tools.informers.of('CustomResourceDefinition').onEvent(({ type, object }) => {
      const name = object.metadata.name ?? '';
      if (type === 'delete') this.end(name, { gone: true });
      else this.follow(name, isEstablished(object) ? customKind(object) : undefined);
    });
  }

  /** Starts what was found so far; what is found later starts at once, and all ends with the signal. */
  start(signal: AbortSignal): void {
    this.signal = signal;
    for (const watched of this.watched.values()) this.run(watched);
    const endAll = (): void => {
      for (const name of [...this.watched.keys()]) this.end(name);
    };
    signal.addEventListener('abort', endAll, { once: true });
  }

  private follow(name: string, kind: AnyKind | undefined): void {
    const before = this.watched.get(name);
    if (before && kind?.version === before.kind.version) return;
    this.end(name);
    if (!kind || this.signal?.aborted) return;
    const { client, clock, logger } = this.tools;
    const { group, version, resource } = kind;
    const informer = new ResourceInformer<KubernetesObject>({ transport: client.transport, path: { group, version, resource }, clock, logger });
    informer.onEvent((event) => this.observe(kind, event));
    const watched = { kind, informer, controller: new AbortController() };
    this.watched.set(name, watched);
    if (this.signal) this.run(watched);
  }

  private run({ informer, controller }: Watched): void {
    void informer.run(controller.signal);
  }

  /** A definition goes after all of its objects: of those still known, no event will come. */
  private end(name: string, { gone = false } = {}): void {
    const watched = this.watched.get(name);
    if (!watched) return;
    this.watched.delete(name);
    watched.controller.abort();
    if (gone) for (const object of watched.informer.lister.list()) this.observe(watched.kind, { type: 'delete', object });
  }
}
