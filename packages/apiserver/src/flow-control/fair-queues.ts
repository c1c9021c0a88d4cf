// The waiting requests of one priority level, in queues that take turns by the work that each has had done: a flow that asks for
// much waits for itself, not others for it. A flow is dealt a hand of queues, so that two flows seldom share all of theirs.
// Mirrors https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#queuing
import { createHash } from 'node:crypto';

/** A request that waits or runs. */
export interface Waiting {
  readonly flow: string;
  readonly seats: number;
  start(): void;
}

interface Queue {
  readonly waiting: Waiting[];
  executing: number;
  /** The work that the queue has had done, in seat-milliseconds, where others stand being the measure. */
  progress: number;
}

/** How long a request is taken to last before that is known. */
const expectedMs = 100;

export class FairQueues {
  private readonly queues: Queue[];
  waitingCount = 0;
  waitingSeats = 0;

  constructor(
    queues: number,
    private readonly handSize: number,
    private readonly lengthLimit: number,
  ) {
    this.queues = Array.from({ length: queues }, () => ({ waiting: [], executing: 0, progress: 0 }));
  }

  /** Adds a request to the emptiest queue of its flow's hand; false where that is full. */
  add(request: Waiting): boolean {
    const hand = dealHand(request.flow, this.queues.length, this.handSize).map((index) => this.queues[index]!);
    const queue = hand.reduce((best, one) => (load(one) < load(best) ? one : best));
    if (queue.waiting.length >= this.lengthLimit) return false;
    // A queue that had nothing to do starts where the others are now, and gets nothing for the time it was away.
    if (queue.waiting.length === 0 && queue.executing === 0) queue.progress = Math.max(queue.progress, this.leastProgress());
    queue.waiting.push(request);
    this.waitingCount++;
    this.waitingSeats += request.seats;
    return true;
  }

  /** Whether the request still waited. */
  remove(request: Waiting): boolean {
    for (const { waiting } of this.queues) {
      const index = waiting.indexOf(request);
      if (index < 0) continue;
      waiting.splice(index, 1);
      this.took(request);
      return true;
    }
    return false;
  }

  /** The request whose turn it is, if it fits into the seats; with what is to be called once it is done. */
  next(freeSeats: number): { readonly request: Waiting; done(elapsedMs: number): void } | undefined {
    let chosen: Queue | undefined;
    for (const queue of this.queues) if (queue.waiting.length && (!chosen || finish(queue) < finish(chosen))) chosen = queue;
    const request = chosen?.waiting[0];
    if (!chosen || !request || request.seats > freeSeats) return undefined;
    const queue = chosen;
    queue.waiting.shift();
    this.took(request);
    queue.executing++;
    queue.progress += request.seats * expectedMs;
    return {
      request,
      done(elapsedMs) {
        queue.executing--;
        queue.progress += request.seats * (elapsedMs - expectedMs);
      },
    };
  }

  private took({ seats }: Waiting): void {
    this.waitingCount--;
    this.waitingSeats -= seats;
  }

  private leastProgress(): number {
    const busy = this.queues.filter(({ waiting, executing }) => waiting.length > 0 || executing > 0);
    return busy.length ? Math.min(...busy.map(({ progress }) => progress)) : 0;
  }
}

const load = ({ waiting, executing }: Queue): number => waiting.reduce((sum, { seats }) => sum + seats, executing);

const finish = ({ progress, waiting }: Queue): number => progress + (waiting[0]?.seats ?? 0) * expectedMs;

/** Distinct queues for a flow, always the same ones. */
export function dealHand(flow: string, queues: number, handSize: number): number[] {
  let entropy = createHash('sha256').update(flow).digest().readBigUInt64BE();
  const hand: number[] = [];
  for (let dealt = 0; dealt < Math.min(handSize, queues); dealt++) {
    const left = BigInt(queues - dealt);
    let card = Number(entropy % left);
    entropy /= left;
    for (const held of [...hand].sort((a, b) => a - b)) if (card >= held) card++;
    hand.push(card);
  }
  return hand;
}
