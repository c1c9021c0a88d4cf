// How the server ends: it goes on for a while in which it says that it is not ready, then takes no more connections, ends what would go
// on for long, and waits for the requests that are under way.
// Mirrors --shutdown-delay-duration of https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
import type { ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Clock } from '@steersman/api';

export interface DrainingOptions {
  readonly clock: Clock;
  /** So long everything goes on as before. */
  readonly delayMs: number;
  /** So long requests are waited for. */
  readonly requestsMs: number;
}

/** How long streams have to end once they are told to. */
const streamsMs = 2000;
/** How often connections are looked for that have nothing more to do. */
const sweepMs = 50;

export class Draining {
  private readonly stop = new AbortController();
  private underWay = 0;
  private draining = false;
  private idle: () => void = () => {};

  constructor(private readonly options: DrainingOptions) {}

  /** Aborts when what goes on for long has to end. */
  get signal(): AbortSignal {
    return this.stop.signal;
  }

  /** Counts a request among those that are waited for, until its answer is over. */
  begun(response: ServerResponse): void {
    this.underWay++;
    if (this.draining) response.shouldKeepAlive = false;
    response.once('close', () => {
      if (--this.underWay === 0) this.idle();
    });
  }

  async finish(server: Server): Promise<void> {
    const { clock, delayMs, requestsMs } = this.options;
    if (delayMs > 0) await clock.sleep(delayMs);
    this.draining = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.stop.abort();
    const over = new AbortController();
    const sweeping = this.sweep(server, over.signal);
    await Promise.race([closed, this.answered(requestsMs)]);
    await Promise.race([closed, clock.sleep(streamsMs, over.signal)]);
    over.abort();
    server.closeAllConnections();
    await Promise.all([closed, sweeping]);
  }

  private async sweep(server: Server, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      server.closeIdleConnections();
      await this.options.clock.sleep(sweepMs, over);
    }
  }

  private async answered(mostMs: number): Promise<void> {
    if (this.underWay === 0) return;
    const enough = new AbortController();
    this.idle = () => enough.abort();
    await this.options.clock.sleep(mostMs, enough.signal);
  }
}
