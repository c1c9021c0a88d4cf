// Virtual time (`up --virtual-time`): the cluster's clock goes at the pace of the machine's, and leaps when `steersman advance` says so.
// On a leap every timer on the way fires at its own instant, and what it sets off is done before the next one: an hour of back-offs,
// leases and deadlines passes as it would have, in as long as the work takes.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { type Clock, toTime, VirtualClock } from '@steersman/api';
import { aborted, type Runnable } from '@steersman/component-base';

export const timeSocket = (dataDir: string): string => join(dataDir, 'time.sock');

/** How often the cluster's clock is moved on after the machine's. */
const tickMs = 10;
/** How often a long leap tells how far it is. */
const reportMs = 1000;
/** A chain of work that goes on for longer than this is not waited for. */
const mostTurns = 10_000;
const pending = new Set(['Immediate', 'FSReqCallback', 'FSReqPromise', 'WorkRequest']);

export class VirtualTime implements Runnable {
  readonly name = 'virtual time';
  readonly clock: VirtualClock;
  private tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly socket: string,
    private readonly machine: Clock,
  ) {
    this.clock = new VirtualClock(machine.now(), quiescence);
  }

  async run(signal: AbortSignal): Promise<void> {
    mkdirSync(dirname(this.socket), { recursive: true });
    rmSync(this.socket, { force: true });
    const server = createServer((request, response) => void this.answer(request, response)).listen(this.socket);
    await Promise.all([this.follow(signal), aborted(signal)]);
    server.closeAllConnections();
    server.close();
    await this.tail;
    rmSync(this.socket, { force: true });
  }

  /** One leap at a time, and none while the clock follows the machine's. */
  private advance(durationMs: number): Promise<void> {
    this.tail = this.tail.then(() => this.clock.advance(durationMs));
    return this.tail;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    let beforeMs = this.machine.monotonic();
    while (!signal.aborted) {
      await this.machine.sleep(tickMs, signal);
      await this.tail;
      const nowMs = this.machine.monotonic();
      await this.advance(nowMs - beforeMs);
      beforeMs = nowMs;
    }
  }

  private async answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const durationMs = Number(/^\/advance\?ms=(\d+)$/.exec(url)?.[1] ?? Number.NaN);
    if (Number.isNaN(durationMs)) {
      response.writeHead(404).end();
      return;
    }
    let there = false;
    const leap = this.advance(durationMs).then(() => {
      there = true;
    });
    while (!there) {
      await Promise.race([leap, this.machine.sleep(reportMs)]);
      response.write(`${toTime(this.clock.now())}\n`);
    }
    response.end();
  }
}

/** Waits until nothing is left to do in this process but to wait for timers and for others. */
async function quiescence(): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!process.getActiveResourcesInfo().some((kind) => pending.has(kind))) return;
  }
}
