// Group commit: calls that arrive while a transaction is on its way to the disk become the next one.

interface Job<Request, Result> {
  readonly request: Request;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const mostPerGroup = 1_024;

export class WriteQueue<Request, Result> {
  private jobs: Job<Request, Result>[] = [];
  private wake: (() => void) | undefined;
  private closed: Error | undefined;

  add(request: Request): Promise<Result> {
    if (this.closed) return Promise.reject(this.closed);
    return new Promise<Result>((resolve, reject) => {
      this.jobs.push({ request, resolve, reject });
      this.wake?.();
    });
  }

  /** Hands over group after group until the signal aborts; what arrived before that is still done. */
  async drain(signal: AbortSignal, commit: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>): Promise<void> {
    const wake = (): void => this.wake?.();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (this.jobs.length > 0 || !signal.aborted) {
        if (this.jobs.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = undefined;
        if (this.jobs.length > 0) await settle(this.jobs.splice(0, mostPerGroup), commit);
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Refuses what is waiting and what comes later. */
  close(error: Error): void {
    this.closed = error;
    for (const job of this.jobs.splice(0)) job.reject(error);
  }
}

async function settle<Request, Result>(
  group: readonly Job<Request, Result>[],
  commit: (requests: readonly Request[]) => Promise<readonly (Result | Error)[]>,
): Promise<void> {
  try {
    const results = await commit(group.map((job) => job.request));
    for (const [index, job] of group.entries()) {
      const result = results[index]!;
      if (result instanceof Error) job.reject(result);
      else job.resolve(result);
    }
  } catch (error) {
    for (const job of group) job.reject(error);
  }
}
