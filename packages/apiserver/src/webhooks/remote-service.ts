// A service outside the cluster that the server asks, reached as a kubeconfig says.
import { Agent } from 'node:https';
import type { Clock } from '@steersman/api';
import type { RestConfig } from '@steersman/client';
import { httpsExchange } from './https-exchange.js';

/** How often a call is made before it counts as failed, and how much longer each pause is. */
const attempts = 5;
const growth = 1.5;

export interface RemoteServiceOptions {
  readonly config: RestConfig;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The pause after the first failure. */
  readonly firstPauseMs: number;
}

export class RemoteService {
  private readonly agent = new Agent({ keepAlive: true });

  constructor(private readonly options: RemoteServiceOptions) {}

  /** Posts JSON until it is taken, and gives what is answered; throws what the last attempt threw. No new one is made after the signal. */
  async post(body: unknown, signal?: AbortSignal): Promise<string> {
    const { config, clock, timeoutMs, firstPauseMs } = this.options;
    const { server, ca, cert, key, token } = config;
    const credentials = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(token && { token }) };
    for (let attempt = 1, pauseMs = firstPauseMs; ; attempt++, pauseMs *= growth) {
      try {
        return await httpsExchange({ url: new URL(server), body, timeoutMs, agent: this.agent, clock, ...credentials });
      } catch (error) {
        if (attempt >= attempts || signal?.aborted) throw error;
        await clock.sleep(pauseMs, signal);
      }
    }
  }
}
