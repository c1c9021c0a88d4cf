// Follows the file of the encryption configuration: a changed one takes the place of the rules in force, a bad one is told of and left.
import { readFileSync } from 'node:fs';
import type { Clock, Logger } from '@steersman/api';
import type { Runnable } from '@steersman/component-base';

export interface FollowedFile {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes over what the file says now; throws where that is no good. */
  apply(text: string): void;
}

const periodMs = 60_000;

export class ConfigurationReload implements Runnable {
  readonly name = 'configuration reload';
  private last: string;

  constructor(private readonly options: FollowedFile) {
    this.last = readFileSync(options.file, 'utf8');
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.options.clock.sleep(periodMs, signal);
      if (!signal.aborted) this.look();
    }
  }

  private look(): void {
    const { file, logger, apply } = this.options;
    try {
      const text = readFileSync(file, 'utf8');
      if (text === this.last) return;
      this.last = text;
      apply(text);
      logger.info('configuration was read again', { file });
    } catch (err) {
      logger.error('a changed configuration is not taken over', { file, err });
    }
  }
}
