// Whether the node's pod network works. What cannot be asked for a moment goes on working: an overlay that starts anew leaves
// its links and rules in place, and pods that run are not to drop out of their services for it.
import type { Clock } from '@steersman/api';
import type { NetworkApi } from '@steersman/rpc';

/** So long a network that was ready may be silent. */
const graceMs = 5000;

export class NetworkHealth {
  private silentSinceMs: number | undefined;
  private wasReady = false;

  constructor(
    private readonly network: NetworkApi,
    private readonly clock: Clock,
  ) {}

  /** Why pods cannot be put on the network; undefined where they can. */
  async problem(): Promise<string | undefined> {
    try {
      const { ready, message } = await this.network.status();
      this.silentSinceMs = undefined;
      this.wasReady = ready;
      return ready ? undefined : message || 'the pod network is not ready';
    } catch (error) {
      const nowMs = this.clock.monotonic();
      this.silentSinceMs ??= nowMs;
      return this.wasReady && nowMs - this.silentSinceMs < graceMs ? undefined : String(error);
    }
  }
}
