// One entry of the audit log: `audit.k8s.io/v1` Event.
// Mirrors https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Event
import type { Status } from '@steersman/api';
import type { reviewedUser } from '../authn/user.js';
import type { Level, Stage } from './audit-policy.js';

export type AuditUser = Partial<ReturnType<typeof reviewedUser>>;

export interface ObjectReference {
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** The fields of a Status that are recorded of an answer. */
export type ResponseStatus = Pick<Status, 'metadata' | 'code'> & Partial<Pick<Status, 'status' | 'reason' | 'message' | 'details'>>;

export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: Level;
  readonly auditID: string;
  readonly stage: Stage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: AuditUser;
  readonly impersonatedUser?: AuditUser;
  readonly sourceIPs?: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: ObjectReference;
  readonly responseStatus?: ResponseStatus;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Where events go. */
export interface AuditBackend {
  log(event: AuditEvent): void;
}
