// What is recorded of one request while it is worked on; each stage it comes to is an event of its own.
import { type Clock, type Status, toMicroTime, toStatusError } from '@steersman/api';
import { reviewedUser, type UserInfo } from '../authn/user.js';
import type { ApiObject } from '../cache/cached-object.js';
import type { AuditBackend, AuditEvent, ObjectReference, ResponseStatus } from './audit-event.js';
import { type AuditScope, type Level, levels, type Stage } from './audit-policy.js';

/** What is known of a request when it comes in. */
export type ReceivedRequest = Omit<AuditEvent, 'kind' | 'apiVersion' | 'level' | 'stage' | 'requestReceivedTimestamp' | 'stageTimestamp'>;

export interface RecordTools {
  readonly clock: Clock;
  readonly backends: readonly AuditBackend[];
}

const decisionKey = 'authorization.k8s.io/decision';
const reasonKey = 'authorization.k8s.io/reason';

/** Errors that are the server's own mistakes: upstream would have panicked. */
const mistakes = [TypeError, RangeError, ReferenceError];

export class AuditRecord {
  private readonly received: string;
  private readonly annotations: Record<string, string> = {};
  private changed: Partial<AuditEvent> = {};
  private started = false;
  private ended = false;

  constructor(
    private readonly request: ReceivedRequest,
    private readonly scope: AuditScope,
    private readonly tools: RecordTools,
  ) {
    this.received = toMicroTime(tools.clock.now());
  }

  /** Whether at least this much is recorded. */
  covers(level: Level): boolean {
    return levels.indexOf(this.scope.level) >= levels.indexOf(level);
  }

  /** A key keeps its first value. */
  annotate(key: string, value: string, level: Level = 'Metadata'): void {
    if (this.covers(level)) this.annotations[key] ??= value;
  }

  decided({ allowed, reason }: { readonly allowed: boolean; readonly reason: string }): void {
    if (decisionKey in this.annotations) return;
    this.annotate(decisionKey, allowed ? 'allow' : 'forbid');
    this.annotate(reasonKey, reason);
  }

  impersonated(user: UserInfo): void {
    this.changed = { ...this.changed, impersonatedUser: reviewedUser(user) };
  }

  /** The decoded body; it completes what the path did not say of the object. */
  requested(object: ApiObject): void {
    const { objectRef } = this.request;
    const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
    if (objectRef) this.changed = { ...this.changed, objectRef: { ...defined({ name, namespace, uid, resourceVersion }), ...objectRef } };
    if (this.covers('Request')) this.changed = { ...this.changed, requestObject: this.copy(object) };
  }

  /** A body that is no object of its own: a patch, or how to delete. */
  requestedBy(body: unknown): void {
    if (this.covers('Request')) this.changed = { ...this.changed, requestObject: structuredClone(body) };
  }

  responded(object: () => unknown): void {
    if (this.covers('RequestResponse')) this.changed = { ...this.changed, responseObject: this.copy(object()) };
  }

  failed(error: unknown): void {
    const { status } = toStatusError(error);
    this.answered(status);
    this.responded(() => status);
    if (mistakes.some((type) => error instanceof type)) this.panicked(error as Error);
  }

  answered({ code, status, reason, message, details }: Partial<Status>): void {
    this.changed = {
      ...this.changed,
      responseStatus: { metadata: {}, ...defined({ status, message, reason, details }), code: code ?? 200 } as ResponseStatus,
    };
  }

  receivedRequest(): void {
    this.emit('RequestReceived');
  }

  /** For what goes on after its answer has begun. */
  startedResponse(code: number): void {
    if (this.started || this.ended) return;
    this.started = true;
    this.answeredWith(code);
    this.emit('ResponseStarted');
  }

  completed(code: number): void {
    if (this.ended) return;
    this.answeredWith(code);
    this.emit('ResponseComplete');
    this.ended = true;
  }

  /** The request ends with an error. */
  endedBy(error: unknown): void {
    this.failed(error);
    this.completed(toStatusError(error).code);
  }

  private answeredWith(code: number): void {
    if (this.changed.responseStatus?.code !== code) this.answered({ code });
  }

  private panicked(error: Error): void {
    this.answered({ code: 500, status: 'Failure', reason: 'InternalError', message: `APIServer panic'd: ${error.message}` });
    this.emit('Panic');
    this.ended = true;
  }

  private emit(stage: Stage): void {
    if (this.ended || this.scope.omitStages.has(stage)) return;
    const { objectRef, annotations, ...request } = { ...this.request, ...this.changed };
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.scope.level,
      ...request,
      stage,
      ...(objectRef && { objectRef: objectRef as ObjectReference }),
      requestReceivedTimestamp: this.received,
      stageTimestamp: toMicroTime(this.tools.clock.now()),
      ...(Object.keys(this.annotations).length && { annotations: { ...annotations, ...this.annotations } }),
    } as const;
    for (const backend of this.tools.backends) backend.log(event);
  }

  /** Objects go on changing after they were recorded. */
  private copy(object: unknown): unknown {
    const copied = structuredClone(object) as { metadata?: object; items?: { metadata?: object }[] };
    if (this.scope.omitManagedFields)
      for (const one of [copied, ...(copied?.items ?? [])]) if (one?.metadata) delete (one.metadata as { managedFields?: unknown }).managedFields;
    return copied;
  }
}

const defined = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== '')) as Partial<T>;
