// The store's own errors across gRPC: as a Status whose first cause names the class and carries its revision.
import { StatusError } from '@steersman/api';
import { CompactedError, FutureRevisionError, StoreClosedError, StoreFullError } from '../store-error.js';

const statusOf = (code: number, reason: string, error: CompactedError | FutureRevisionError, revision: number): StatusError =>
  new StatusError(
    { code, reason, message: error.message, details: { causes: [{ reason: error.name, message: String(revision) }] } },
    { cause: error },
  );

/** What the service throws for an error of the store. */
export function toStoreStatus(error: unknown): unknown {
  if (error instanceof CompactedError) return statusOf(410, 'Expired', error, error.compactRevision);
  if (error instanceof FutureRevisionError) return statusOf(400, 'BadRequest', error, error.revision);
  return error;
}

/** The store's error that a status stands for; anything else as it is. */
export function fromStoreStatus(error: unknown): unknown {
  const cause = error instanceof StatusError ? error.status.details?.causes?.[0] : undefined;
  if (cause?.reason === 'CompactedError') return new CompactedError(Number(cause.message), { cause: error });
  if (cause?.reason === 'FutureRevisionError') return new FutureRevisionError(Number(cause.message), { cause: error });
  return error;
}

/** The error of one write among many on a stream. */
export function fromFailure({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === 'StoreFullError') return new StoreFullError(message);
  if (name === 'StoreClosedError') return new StoreClosedError();
  return new Error(message);
}

/** An iteration whose errors cross gRPC. */
export async function* withStoreStatus<T>(items: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* items;
  } catch (error) {
    throw toStoreStatus(error);
  }
}
