// How containers are brought to their end in Docker: signals, and waiting without being told.
import type { Clock } from '@steersman/api';
import type Docker from 'dockerode';
import type { ContainerMirror } from './container-mirror.js';
import { isConflicting, isMissing, isUnchanged, runtimeError } from './docker-error.js';

/** Looks at a container whose end was not announced. */
const watchMs = 1000;
const killWaitMs = 30_000;

export class ContainerEnd {
  constructor(
    private readonly docker: Docker,
    private readonly mirror: ContainerMirror,
    private readonly clock: Clock,
  ) {}

  /** The stop signal, then the kill once the grace is over. Aborting `hurry` gives up waiting, and does not kill. */
  async stop(id: string, graceSeconds: number, hurry: AbortSignal | undefined): Promise<void> {
    const inspection = await this.mirror.update(id);
    if (!inspection?.State.Running) return;
    if (graceSeconds > 0) {
      await this.signal(id, (inspection.Config as { StopSignal?: string }).StopSignal || 'SIGTERM');
      if (await this.wait(id, graceSeconds * 1000, hurry)) return;
      if (hurry?.aborted) return;
    }
    await this.kill(id);
  }

  async kill(id: string): Promise<void> {
    await this.signal(id, 'SIGKILL');
    await this.wait(id, killWaitMs, undefined);
  }

  async signal(id: string, signal: string): Promise<void> {
    await this.docker
      .getContainer(id)
      .kill({ signal })
      .catch((error: unknown) => {
        if (!isMissing(error) && !isConflicting(error) && !isUnchanged(error)) throw runtimeError(error);
      });
  }

  /** Whether the container ended in time. */
  private async wait(id: string, timeoutMs: number, hurry: AbortSignal | undefined): Promise<boolean> {
    const deadline = this.clock.monotonic() + timeoutMs;
    while (this.clock.monotonic() < deadline && !hurry?.aborted) {
      const changed = new AbortController();
      const wake = (): void => changed.abort();
      const forget = this.mirror.onChange((inspection) => {
        if (inspection.Id === id) wake();
      });
      hurry?.addEventListener('abort', wake, { once: true });
      try {
        if (!(await this.mirror.update(id))?.State.Running) return true;
        await this.clock.sleep(Math.max(1, Math.min(watchMs, deadline - this.clock.monotonic())), changed.signal);
      } finally {
        forget();
        hurry?.removeEventListener('abort', wake);
      }
    }
    return !(await this.mirror.update(id))?.State.Running;
  }
}
