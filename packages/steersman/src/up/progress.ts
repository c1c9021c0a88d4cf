// Progress of `up`, stage by stage on standard error: what is being done, how long it took, or why it failed.
import type { Clock } from '@steersman/api';

export class Progress {
  constructor(private readonly clock: Clock) {}

  /** Runs one stage; it fails when it takes longer than its deadline. */
  async stage<T>(name: string, deadlineMs: number, work: () => Promise<T>): Promise<T> {
    const started = this.clock.monotonic();
    let late: (error: Error) => void = () => {};
    const overdue = new Promise<never>((_, reject) => {
      late = reject;
    });
    const timer = this.clock.after(deadlineMs, () => late(new Error(`${name}: not ready after ${deadlineMs / 1000} s`)));
    try {
      const result = await Promise.race([work(), overdue]);
      process.stderr.write(`  ✓ ${name} (${Math.round(this.clock.monotonic() - started)} ms)\n`);
      return result;
    } catch (error) {
      process.stderr.write(`  ✗ ${name}\n`);
      throw error;
    } finally {
      timer.cancel();
    }
  }
}
