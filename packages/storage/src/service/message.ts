// Between the seam's types and the contract's messages.
import type { storageV1 } from '@steersman/rpc';
import type { KeyValue, StoreEvent, Write, WriteResult } from '../store.js';
import { fromFailure } from './store-status.js';

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const toPair = (item: KeyValue): storageV1.KeyValue => ({
  key: item.key,
  value: toBuffer(item.value),
  createRevision: item.createRevision,
  modRevision: item.modRevision,
  version: item.version,
});

export const toWriteMessage = (id: number, { key, value, expect }: Write): storageV1.Write => ({
  id,
  key,
  value: value === null ? undefined : toBuffer(value),
  expect,
});

export const fromWriteMessage = ({ key, value, expect }: storageV1.Write): Write => ({
  key,
  value: value ?? null,
  ...(expect !== undefined && { expect }),
});

export function toResultMessage(id: number, result: WriteResult): storageV1.WriteResult {
  const found = result.ok ? result.previous : result.current;
  return { id, ok: result.ok, revision: result.revision, found: found && toPair(found), failure: undefined };
}

export const toFailureMessage = (id: number, error: unknown): storageV1.WriteResult => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { id, ok: false, revision: 0, found: undefined, failure: { name, message } };
};

/** The result, or the error that the write failed with. */
export function fromResultMessage({ ok, revision, found, failure }: storageV1.WriteResult): WriteResult | Error {
  if (failure) return fromFailure(failure);
  return ok ? { ok, revision, ...(found && { previous: found }) } : { ok, revision, ...(found && { current: found }) };
}

export const toEventMessage = (event: StoreEvent): storageV1.Event => ({
  key: event.key,
  revision: event.revision,
  value: event.value && toBuffer(event.value),
  createRevision: event.createRevision,
  previous: event.previous && toPair(event.previous),
});

export const fromEventMessage = ({ key, revision, value, createRevision, previous }: storageV1.Event): StoreEvent => {
  const event = { key, revision, createRevision, ...(previous && { previous }) };
  return value ? { type: 'put', ...event, value } : { type: 'delete', ...event };
};
