// What a controller is: it watches a kind, owns others, and brings one object at a time to its desired state.
import type { KindName, Kinds, KubernetesObject, Logger } from '@steersman/api';
import type { InformerEvent } from '@steersman/client';

export interface ReconcileContext {
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** What a reconcile comes to: nothing more to do, or look again after a while. */
export interface Result {
  readonly requeueAfterMs?: number;
}

export const done: Result = {};

/** Thrown to be logged and not retried: trying again cannot help. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Another kind whose changes concern the watched one: gives the keys of the objects to look at again. */
export interface Related {
  readonly kind: KindName;
  keysOf(event: InformerEvent<KubernetesObject>): readonly string[];
}

export interface Controller<K extends KindName = KindName> {
  readonly name: string;
  readonly watches: K;
  /** Kinds whose objects point to ours by their controller reference. */
  readonly owns?: readonly KindName[];
  readonly related?: readonly Related[];
  readonly workers?: number;
  reconcile(object: Kinds[K], context: ReconcileContext): Promise<Result>;
  /** The object is gone. */
  removed?(key: string, context: ReconcileContext): Promise<Result>;
  /** Told of every change of an owned object, before its owner is queued. */
  observeOwned?(event: InformerEvent<KubernetesObject>, ownerKey: string): void;
}
