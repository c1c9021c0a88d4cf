// One lifecycle for everything: `run(signal)` resolves when the signal aborts and all work has stopped.
import { setMaxListeners } from 'node:events';

/** Anything that lives as long as its signal does. */
export interface Runnable {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

/** Runs everything until the signal aborts or one runnable fails; then stops the rest and waits for them. */
export async function runAll(signal: AbortSignal, runnables: readonly Runnable[]): Promise<void> {
  const failure = new AbortController();
  const stop = anySignal(signal, failure.signal);
  const outcomes = await Promise.allSettled(
    runnables.map(async (runnable) => {
      try {
        await runnable.run(stop);
      } catch (cause) {
        const error = new Error(`${runnable.name} failed`, { cause });
        failure.abort(error);
        throw error;
      }
    }),
  );
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several components failed');
}

/** A signal that aborts with the first of the given ones, for any number of listeners. */
export function anySignal(...signals: AbortSignal[]): AbortSignal {
  const any = AbortSignal.any(signals);
  setMaxListeners(0, any);
  return any;
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted ? Promise.resolve() : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/**
 * The signal of a process: the first SIGINT or SIGTERM aborts it, a second one exits with 1 at once.
 * Only a process's `main` calls this.
 */
export function processSignal(): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(1);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
