// Keeps services and IPAddress objects in step: whoever holds an address has its object, and nobody's address is free again.
import { type Clock, fromTime, type Logger, type Service } from '@steersman/api';
import type { Runnable } from '@steersman/component-base';
import type { Resource } from '../resource.js';
import type { AddressBook } from './address-book.js';

const periodMs = 180_000;

/** An address is taken before its service is stored; so long it may be without one. */
const graceMs = 60_000;

export class AddressKeeper implements Runnable {
  readonly name = 'service addresses';

  constructor(
    private readonly tools: {
      readonly addresses: AddressBook;
      readonly services: Resource;
      readonly clock: Clock;
      readonly logger: Logger;
    },
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.tools;
    while (!signal.aborted) {
      await this.repair().catch((err: unknown) => logger.warn('repairing the addresses of services failed', { err }));
      await clock.sleep(periodMs, signal);
    }
  }

  /** Writes down what services hold, and frees what no service does. */
  async repair(): Promise<void> {
    const { addresses, services, clock } = this.tools;
    for (const { object } of services.cache.list()) await addresses.adopt(object as unknown as Service);
    for (const { address, since } of addresses.orphans()) if (clock.now() - fromTime(since) > graceMs) await addresses.release(address);
  }
}
