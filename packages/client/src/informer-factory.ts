// Informers shared by everything in one process: one cache and one watch per kind.
import type { Clock, KindName, Logger } from '@steersman/api';
import type { Client } from './client.js';
import { Informer } from './informer.js';

export interface InformerFactoryOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Hands out the informer of a kind, making it at first asking, and runs them all. */
export class InformerFactory {
  readonly name = 'informers';
  private readonly informers = new Map<KindName, Informer<KindName>>();
  private readonly started: Promise<void>[] = [];
  private signal: AbortSignal | undefined;

  constructor(private readonly options: InformerFactoryOptions) {}

  /** The shared informer of the kind; one asked for while the factory runs starts at once. */
  of<K extends KindName>(kind: K): Informer<K> {
    let informer = this.informers.get(kind);
    if (!informer) {
      informer = new Informer<KindName>({ ...this.options, kind });
      this.informers.set(kind, informer);
      if (this.signal) this.started.push(informer.run(this.signal));
    }
    return informer as unknown as Informer<K>;
  }

  /** Resolves once every informer made so far has its first list. */
  async synced(): Promise<void> {
    await Promise.all([...this.informers.values()].map((informer) => informer.synced));
  }

  async run(signal: AbortSignal): Promise<void> {
    this.signal = signal;
    for (const informer of this.informers.values()) this.started.push(informer.run(signal));
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.all(this.started);
  }
}
