// The queue of pods to schedule: active by priority, backing off after a failure, unschedulable until something changes.
// Mirrors https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queueing-hint
import type { Clock, Pod, Timer } from '@steersman/api';
import { BinaryHeap } from './binary-heap.js';
import type { QueuedPod } from './framework/framework.js';

const backoffBaseMs = 1000;
const backoffMaxMs = 10_000;
/** After this long an unschedulable pod is tried again in any case. */
const flushMs = 5 * 60_000;

interface Entry extends QueuedPod {
  pod: Pod;
  attempts: number;
  failedAtMs: number;
  /** Position of the events seen when this attempt began. */
  cycle: number;
}

export class SchedulingQueue {
  private readonly active: BinaryHeap<Entry>;
  private readonly waiting = new Map<string, Entry>();
  private readonly backoff = new Map<string, { entry: Entry; timer: Timer }>();
  private readonly unschedulable = new Map<string, { entry: Entry; timer: Timer }>();
  private readonly inFlight = new Map<string, Entry>();
  private moves = 0;
  private taker: ((entry: Entry | undefined) => void) | undefined;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    less: (a: QueuedPod, b: QueuedPod) => boolean,
  ) {
    this.active = new BinaryHeap<Entry>(less);
  }

  /** Pods known to the queue, wherever they wait. */
  get size(): number {
    return this.waiting.size + this.backoff.size + this.unschedulable.size;
  }

  /** Adds a new pod, or takes over a changed one; a change that may matter makes it active again. */
  add(pod: Pod, { mayMatter = true }: { mayMatter?: boolean } = {}): void {
    const uid = pod.metadata.uid ?? '';
    const flying = this.inFlight.get(uid);
    if (flying) {
      flying.pod = pod;
      if (mayMatter) this.moves++;
      return;
    }
    const active = this.waiting.get(uid);
    if (active) {
      active.pod = pod;
      return;
    }
    const parked = this.backoff.get(uid) ?? this.unschedulable.get(uid);
    if (parked) {
      parked.entry.pod = pod;
      if (mayMatter && this.unschedulable.has(uid)) this.requeue(uid);
      return;
    }
    this.activate({ pod, queuedAtMs: this.clock.monotonic(), attempts: 0, failedAtMs: 0, cycle: 0 });
  }

  delete(uid: string): void {
    if (this.waiting.delete(uid)) this.active.remove(({ pod }) => pod.metadata.uid === uid);
    for (const parked of [this.backoff, this.unschedulable]) {
      parked.get(uid)?.timer.cancel();
      parked.delete(uid);
    }
    this.inFlight.delete(uid);
  }

  /** The next pod by priority, as soon as there is one; undefined once closed. Follow with `done` or `failed`. */
  async take(): Promise<Pod | undefined> {
    if (this.closed) return undefined;
    const next = this.active.pop();
    if (next) {
      this.waiting.delete(next.pod.metadata.uid ?? '');
      this.begin(next);
    }
    const entry = next ?? (await new Promise<Entry | undefined>((resolve) => (this.taker = resolve)));
    return entry?.pod;
  }

  /** From now on the entry is in flight, before anybody else can see the pod's next change. */
  private begin(entry: Entry): void {
    entry.attempts++;
    entry.cycle = this.moves;
    this.inFlight.set(entry.pod.metadata.uid ?? '', entry);
  }

  /** The pod was placed. */
  done(uid: string): void {
    this.inFlight.delete(uid);
  }

  /** The pod could not be placed: it waits for a change, or backs off where one came meanwhile. */
  failed(uid: string, { retry = false }: { retry?: boolean } = {}): void {
    const entry = this.inFlight.get(uid);
    if (!entry) return;
    this.inFlight.delete(uid);
    entry.failedAtMs = this.clock.monotonic();
    if (retry || entry.cycle !== this.moves) {
      this.delay(entry);
      return;
    }
    const timer = this.clock.after(flushMs, () => this.requeue(uid));
    this.unschedulable.set(uid, { entry, timer });
  }

  /** Something changed that may let waiting pods fit: those that match come back. */
  moveAll(matches: (pod: Pod) => boolean = () => true): void {
    this.moves++;
    for (const [uid, { entry }] of [...this.unschedulable]) if (matches(entry.pod)) this.requeue(uid);
  }

  close(): void {
    this.closed = true;
    for (const parked of [this.backoff, this.unschedulable]) {
      for (const { timer } of parked.values()) timer.cancel();
      parked.clear();
    }
    this.taker?.(undefined);
  }

  private requeue(uid: string): void {
    const parked = this.unschedulable.get(uid);
    if (!parked) return;
    parked.timer.cancel();
    this.unschedulable.delete(uid);
    this.delay(parked.entry);
  }

  /** Back to active once the back-off since the last failure is over. */
  private delay(entry: Entry): void {
    const uid = entry.pod.metadata.uid ?? '';
    const duration = Math.min(backoffBaseMs * 2 ** Math.max(0, entry.attempts - 1), backoffMaxMs);
    const remaining = entry.failedAtMs + duration - this.clock.monotonic();
    if (remaining <= 0) {
      this.activate(entry);
      return;
    }
    const timer = this.clock.after(remaining, () => {
      this.backoff.delete(uid);
      this.activate(entry);
    });
    this.backoff.set(uid, { entry, timer });
  }

  private activate(entry: Entry): void {
    if (this.closed) return;
    if (this.taker) {
      const taker = this.taker;
      this.taker = undefined;
      this.begin(entry);
      taker(entry);
      return;
    }
    this.waiting.set(entry.pod.metadata.uid ?? '', entry);
    this.active.push(entry);
  }
}
