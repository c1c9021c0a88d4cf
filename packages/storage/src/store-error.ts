// What a store can refuse, as classes that callers branch on.

/** The revision asked for has been compacted: list again. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  constructor(
    readonly compactRevision: number,
    options?: ErrorOptions,
  ) {
    super(`required revision has been compacted (oldest is ${compactRevision})`, options);
  }
}

/** The revision asked for does not exist yet. */
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  constructor(
    readonly revision: number,
    options?: ErrorOptions,
  ) {
    super(`required revision is a future revision (newest is ${revision})`, options);
  }
}

/** No space left; reads and deletions still work, and writes do again after compaction. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';
  constructor(message = 'the store is full', options?: ErrorOptions) {
    super(message, options);
  }
}

/** The data directory is in use by another process. */
export class StoreLockedError extends Error {
  override readonly name = 'StoreLockedError';
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`data directory ${dataDir} is in use by process ${pid}`);
  }
}

/** The data directory was written by a newer format version. */
export class NewerDataError extends Error {
  override readonly name = 'NewerDataError';
  constructor(
    readonly dataDir: string,
    readonly found: number,
    readonly supported: number,
  ) {
    super(`data directory ${dataDir} has format version ${found}, newer than ${supported}, the newest that this version reads`);
  }
}

/** The store stopped before the call was done; a write may or may not have been made. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError';
  constructor(options?: ErrorOptions) {
    super('the store is not running', options);
  }
}
