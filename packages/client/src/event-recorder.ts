// Writes Events about objects, off the caller's path; repeated ones are counted instead of written again.
// Mirrors https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
import { type Clock, type Event, isAlreadyExists, type KubernetesObject, type Logger, type Random, toMicroTime, toTime } from '@steersman/api';
import { type Client, mergePatch } from './client.js';

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Who reports, such as `replicaset-controller` or `kubelet`. */
  readonly component: string;
  /** The node reported from, for kubelet and kube-proxy. */
  readonly host?: string;
  /** `series`: events as the scheduler writes them, with action and eventTime and without source. */
  readonly style?: 'counted' | 'series';
}

/** Further parts of an event. */
export interface EventDetails {
  /** Path of the field meant, such as spec.containers{web}. */
  readonly fieldPath?: string;
  /** What was done, for `series` events. */
  readonly action?: string;
  readonly related?: KubernetesObject;
  readonly annotations?: Readonly<Record<string, string>>;
}

type Reference = Event['involvedObject'];

interface Known {
  readonly name: string;
  readonly namespace: string;
  count: number;
}

/** How many kinds of event are remembered for counting. */
const rememberedEvents = 4096;
/** How many writes may wait before further events are dropped, as upstream's broadcaster does. */
const maxPending = 1000;

const referenceTo = (object: KubernetesObject, fieldPath?: string): Reference => ({
  kind: object.kind ?? '',
  apiVersion: object.apiVersion ?? '',
  name: object.metadata?.name ?? '',
  ...(object.metadata?.namespace && { namespace: object.metadata.namespace }),
  ...(object.metadata?.uid && { uid: object.metadata.uid }),
  ...(object.metadata?.resourceVersion && { resourceVersion: object.metadata.resourceVersion }),
  ...(fieldPath && { fieldPath }),
});

export class EventRecorder {
  private readonly known = new Map<string, Known>();
  private pending = 0;
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly options: EventRecorderOptions) {}

  normal(about: KubernetesObject, reason: string, message: string, details: EventDetails = {}): void {
    this.record('Normal', about, { reason, message, details });
  }

  warning(about: KubernetesObject, reason: string, message: string, details: EventDetails = {}): void {
    this.record('Warning', about, { reason, message, details });
  }

  /** Resolves when everything recorded so far has been written or given up. */
  flush(): Promise<void> {
    return this.tail;
  }

  private record(
    type: 'Normal' | 'Warning',
    about: KubernetesObject,
    { reason, message, details }: { reason: string; message: string; details: EventDetails },
  ): void {
    if (this.pending >= maxPending) return;
    this.pending++;
    const atMs = this.options.clock.now();
    const reference = referenceTo(about, details.fieldPath);
    this.tail = this.tail
      .then(() => this.write({ type, reference, reason, message, details, atMs }))
      .catch((err: unknown) => this.options.logger.debug('event not written', { reason, name: reference.name, err }))
      .finally(() => {
        this.pending--;
      });
  }

  private async write(entry: {
    type: string;
    reference: Reference;
    reason: string;
    message: string;
    details: EventDetails;
    atMs: number;
  }): Promise<void> {
    const { client } = this.options;
    const { reference, type, reason, message, atMs } = entry;
    const aggregate = [reference.kind, reference.namespace, reference.name, reference.uid, reference.fieldPath, type, reason, message].join('\n');
    const known = this.known.get(aggregate);
    if (known && (await this.countAgain(known, atMs))) return;
    const event = this.compose(entry);
    await client.create(event).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
    if (this.known.size >= rememberedEvents) this.known.delete(this.known.keys().next().value ?? '');
    this.known.set(aggregate, { name: event.metadata.name ?? '', namespace: event.metadata.namespace ?? '', count: 1 });
  }

  /** Counts a known event once more; false where it has meanwhile expired. */
  private async countAgain(known: Known, atMs: number): Promise<boolean> {
    const { client, style } = this.options;
    const count = known.count + 1;
    const change = style === 'series' ? { series: { count, lastObservedTime: toMicroTime(atMs) } } : { count, lastTimestamp: toTime(atMs) };
    try {
      await client.patch('Event', known, change, { type: mergePatch });
      known.count = count;
      return true;
    } catch {
      return false;
    }
  }

  private compose({ type, reference, reason, message, details, atMs }: Parameters<EventRecorder['write']>[0]): Event {
    const { component, host, style } = this.options;
    const at = toTime(atMs);
    const stamp = (BigInt(Math.floor(atMs)) * 1_000_000n + BigInt(Math.floor(this.options.random.number() * 1_000_000))).toString(16);
    const series = style === 'series';
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        name: `${reference.name}.${stamp}`,
        namespace: reference.namespace ?? 'default',
        ...(details.annotations && { annotations: { ...details.annotations } }),
      },
      involvedObject: reference,
      type,
      reason,
      message: message.slice(0, 1024),
      ...(series
        ? { eventTime: toMicroTime(atMs), reportingComponent: component, reportingInstance: host ?? component, action: details.action ?? reason }
        : {
            source: { component, ...(host && { host }) },
            reportingComponent: component,
            ...(host && { reportingInstance: host }),
            firstTimestamp: at,
            lastTimestamp: at,
            count: 1,
          }),
      ...(details.related && { related: referenceTo(details.related) }),
    } as Event;
  }
}
