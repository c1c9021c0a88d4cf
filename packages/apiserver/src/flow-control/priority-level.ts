// One priority level: how many requests run at a time, and what becomes of those that find no seat.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#prioritylevelconfiguration
import type { Clock, PriorityLevelConfiguration } from '@steersman/api';
import { FairQueues, type Waiting } from './fair-queues.js';

export type Refusal = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** Gives the seats back. */
export type Release = () => void;

/** Thrown where a request finds no seat. */
export class Rejected extends Error {
  override readonly name = 'Rejected';

  constructor(readonly reason: Refusal) {
    super(`too many requests: ${reason}`);
  }
}

export interface SeatRequest {
  readonly flow: string;
  readonly seats: number;
  /** Until when it may wait. */
  readonly timeoutMs: number;
  /** Aborts when the client has gone; made only for those that wait. */
  signal(): AbortSignal;
}

const nothing = (): void => {};

export class PriorityLevel {
  /** Seats that may be taken now: the level's own and what it has borrowed. */
  limit = Number.POSITIVE_INFINITY;
  executing = 0;
  dispatched = 0;
  readonly rejected = new Map<Refusal, number>();
  /** The most seats that were wanted at a time since this was last looked at. */
  private peak = 0;
  private queues: FairQueues | undefined;
  private shape = '';
  private object: PriorityLevelConfiguration;

  constructor(
    configuration: PriorityLevelConfiguration,
    private readonly clock: Clock,
  ) {
    this.object = configuration;
    this.configure(configuration);
  }

  get configuration(): PriorityLevelConfiguration {
    return this.object;
  }

  get exempt(): boolean {
    return this.object.spec?.type === 'Exempt';
  }

  get waiting(): number {
    return this.queues?.waitingCount ?? 0;
  }

  /** Takes a changed configuration over; who waits in queues of another number goes on waiting there. */
  configure(configuration: PriorityLevelConfiguration): void {
    this.object = configuration;
    const { type, queuing } = configuration.spec?.limited?.limitResponse ?? {};
    const shape = type === 'Queue' ? JSON.stringify(queuing) : '';
    if (shape === this.shape) return;
    this.shape = shape;
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing ?? {};
    const before = this.queues;
    this.queues = type === 'Queue' ? new FairQueues(queues, handSize, queueLengthLimit) : undefined;
    for (let one = before?.next(Number.POSITIVE_INFINITY); one; one = before?.next(Number.POSITIVE_INFINITY))
      if (!this.queues?.add(one.request)) one.request.start();
  }

  /** A seat at once: what gives it back. A promise of one where the request has to wait; throws, or rejects with, Rejected. */
  enter(request: SeatRequest): Release | Promise<Release> {
    if (this.exempt) {
      this.dispatched++;
      this.executing += request.seats;
      return this.leaving(request.seats);
    }
    const seats = Math.max(1, Math.min(request.seats, this.limit));
    this.peak = Math.max(this.peak, this.executing + seats + (this.queues?.waitingSeats ?? 0));
    if (this.waiting === 0 && this.executing + seats <= this.limit) {
      this.executing += seats;
      this.dispatched++;
      return this.leaving(seats);
    }
    if (!this.queues) throw this.refuse('concurrency-limit');
    return this.wait(this.queues, { ...request, seats });
  }

  /** Lets those in whose turn it is. */
  dispatch(): void {
    const { queues } = this;
    for (let next = queues?.next(this.limit - this.executing); next; next = queues?.next(this.limit - this.executing)) {
      this.executing += next.request.seats;
      this.dispatched++;
      this.finishing.set(next.request, next.done);
      next.request.start();
    }
  }

  /** The most seats that were wanted since the last call. */
  takePeak(): number {
    const { peak } = this;
    this.peak = this.executing + (this.queues?.waitingSeats ?? 0);
    return peak;
  }

  private readonly finishing = new WeakMap<Waiting, (elapsedMs: number) => void>();

  private leaving(seats: number, done: (elapsedMs: number) => void = nothing): Release {
    const startedMs = done === nothing ? 0 : this.clock.monotonic();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.executing -= seats;
      if (done !== nothing) done(this.clock.monotonic() - startedMs);
      if (this.waiting) this.dispatch();
    };
  }

  private wait(queues: FairQueues, { flow, seats, timeoutMs, signal }: SeatRequest): Promise<Release> {
    const gone = signal();
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        flow,
        seats,
        start: () => {
          stop();
          resolve(this.leaving(seats, this.finishing.get(waiting)));
        },
      };
      const give = (reason: Refusal) => () => {
        stop();
        if (this.queues?.remove(waiting) || queues.remove(waiting)) reject(this.refuse(reason));
      };
      const cancelled = give('cancelled');
      const timer = this.clock.after(timeoutMs, give('time-out'));
      const stop = (): void => {
        timer.cancel();
        gone.removeEventListener('abort', cancelled);
      };
      gone.addEventListener('abort', cancelled);
      if (!queues.add(waiting)) {
        stop();
        reject(this.refuse('queue-full'));
      } else this.dispatch();
    });
  }

  private refuse(reason: Refusal): Rejected {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1);
    return new Rejected(reason);
  }
}
