// The audit log as batches of events posted to a service elsewhere.
// Mirrors https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#webhook-backend
import type { Clock, Logger } from '@steersman/api';
import type { Runnable } from '@steersman/component-base';
import type { RemoteService } from '../webhooks/remote-service.js';
import type { AuditBackend, AuditEvent } from './audit-event.js';

export interface AuditWebhookOptions {
  readonly service: Pick<RemoteService, 'post'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Events that may wait; further ones are lost, and that is logged. */
  readonly bufferSize: number;
  readonly maxBatchSize: number;
  readonly maxWaitMs: number;
}

export class AuditWebhook implements AuditBackend, Runnable {
  readonly name = 'audit webhook';
  private waiting: AuditEvent[] = [];
  private lost = 0;
  private wake: () => void = () => {};

  constructor(private readonly options: AuditWebhookOptions) {}

  log(event: AuditEvent): void {
    if (this.waiting.length >= this.options.bufferSize) {
      this.lost++;
      return;
    }
    this.waiting.push(event);
    if (this.waiting.length === 1 || this.waiting.length >= this.options.maxBatchSize) this.wake();
  }

  /** Sends what waits until the signal aborts, then once more what is left. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake(), { once: true });
    while (!signal.aborted) {
      await this.batchDue(signal);
      await this.send(signal);
    }
    while (this.waiting.length) await this.send(signal);
  }

  /** Resolves when a batch is full, or when its first event has waited long enough. */
  private async batchDue(signal: AbortSignal): Promise<void> {
    const { clock, maxBatchSize, maxWaitMs } = this.options;
    while (this.waiting.length === 0 && !signal.aborted) await this.woken();
    if (this.waiting.length >= maxBatchSize || signal.aborted) return;
    let late = false;
    const timer = clock.after(maxWaitMs, () => {
      late = true;
      this.wake();
    });
    while (!late && this.waiting.length < maxBatchSize && !signal.aborted) await this.woken();
    timer.cancel();
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async send(signal: AbortSignal): Promise<void> {
    const items = this.waiting.splice(0, this.options.maxBatchSize);
    if (items.length === 0) return;
    const { service, logger } = this.options;
    try {
      await service.post({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items }, signal);
    } catch (err) {
      logger.error('sending audit events failed', { events: items.length, err });
    }
    if (this.lost > 0) logger.error('audit events were lost: the buffer is full', { events: this.lost });
    this.lost = 0;
  }
}
