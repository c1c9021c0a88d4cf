// One bidirectional call that carries all writes; those made in the same turn share a message.
import { fromServiceError, type storageV1 } from '@steersman/rpc';
import { fromResultMessage, toWriteMessage } from '../service/message.js';
import type { Write, WriteResult } from '../store.js';
import { StoreClosedError } from '../store-error.js';

interface Pending {
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

type Call = ReturnType<storageV1.StorageClient['txn']>;

export class WriteStream {
  private call: Call | undefined;
  private readonly pending = new Map<number, Pending>();
  private outgoing: storageV1.Write[] = [];
  private lastId = 0;
  private closed = false;

  constructor(private readonly client: storageV1.StorageClient) {}

  /** Rejects when the connection breaks: the write may or may not have been made. */
  write(write: Write): Promise<WriteResult> {
    if (this.closed) return Promise.reject(new StoreClosedError());
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.pending.set(id, { resolve, reject });
      if (this.outgoing.push(toWriteMessage(id, write)) === 1) queueMicrotask(() => this.send());
    });
  }

  close(): void {
    this.closed = true;
    this.call?.cancel();
    this.fail(new StoreClosedError());
  }

  private send(): void {
    const writes = this.outgoing;
    this.outgoing = [];
    if (this.closed) return;
    this.call ??= this.open();
    this.call.write({ writes });
  }

  private open(): Call {
    const call = this.client.txn();
    const lost = (error: unknown): void => {
      if (this.call !== call) return;
      this.call = undefined;
      this.fail(fromServiceError(error));
    };
    call.on('data', ({ results }: storageV1.TxnResponse) => {
      for (const result of results) this.settle(result);
    });
    call.on('error', lost);
    call.on('end', () => lost(new Error('the storage service ended the stream')));
    return call;
  }

  private settle(message: storageV1.WriteResult): void {
    const pending = this.pending.get(message.id);
    this.pending.delete(message.id);
    const result = fromResultMessage(message);
    if (result instanceof Error) pending?.reject(result);
    else pending?.resolve(result);
  }

  private fail(error: Error): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
